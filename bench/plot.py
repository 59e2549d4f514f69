"""Plots as SVG, for compare and growth: bars in groups, and lines over a logarithmic axis. Standard library only."""
import math
from xml.sax.saxutils import escape

# Colours that people who cannot tell red from green can tell apart (Okabe, Ito).
COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#56b4e9', '#8c6d1f', '#555555']
FONT = 'font-family="DejaVu Sans, Helvetica, Arial, sans-serif"'
CHARACTER = 7.2  # the width of a character of 12 pixels, about


def number(value):
    """Three digits: 0.56, 12.3, 1,890."""
    if value == 0:
        return '0'
    if abs(value) >= 100:
        return f'{value:,.0f}'
    return f'{value:.2f}' if abs(value) < 10 else f'{value:.1f}'


class Svg:
    def __init__(self):
        self.parts = []

    def text(self, x, y, words, anchor='start', size=12, weight='normal', colour='#222', turned=False):
        turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ''
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" '
                          f'fill="{colour}"{turn}>{escape(words)}</text>')

    def rect(self, x, y, width, height, colour):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{height:.1f}" fill="{colour}"/>')

    def line(self, x1, y1, x2, y2, colour='#ddd', width=1.0):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>')

    def path(self, points, colour):
        way = ' '.join(f'{x:.1f},{y:.1f}' for x, y in points)
        self.parts.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"/>')
        self.parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in points]

    def save(self, file, width, height):
        with open(file, 'w', encoding='utf-8') as out:
            out.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
                      f'viewBox="0 0 {width:.0f} {height:.0f}" {FONT}>\n<rect width="100%" height="100%" fill="white"/>\n')
            out.write('\n'.join(self.parts) + '\n</svg>\n')


def bars(file, title, note, panels, groups, names):
    """Panels side by side, each with the groups below each other and a bar for each name.

    panels: (heading, {(group, name): (value, low, high) or None})
    """
    svg, bar, gap, panel = Svg(), 18, 16, 300
    left = max(len(g) for g in groups) * CHARACTER + 24
    most = max(len(n) for n in names) * CHARACTER + 12
    top, group_height = 100, len(names) * bar + gap
    width = left + len(panels) * (panel + most) + 16
    svg.text(16, 30, title, size=17, weight='bold')
    svg.text(16, 52, note, colour='#555')
    for i, (heading, values) in enumerate(panels):
        x0 = left + i * (panel + most) + most
        room = panel - 95  # what the figure behind the longest bar needs
        scale = max([v[2] for v in values.values() if v] or [1]) or 1
        svg.text(x0, top - 18, heading, weight='bold', size=13)
        for g, group in enumerate(groups):
            y = top + g * group_height
            if i == 0:
                svg.text(16, y + len(names) * bar / 2 + 4, group, weight='bold')
            for n, name in enumerate(names):
                value, at = values.get((group, name)), y + n * bar
                svg.text(x0 - 6, at + 13, name, anchor='end')
                if not value:
                    svg.text(x0 + 4, at + 13, 'not measured', colour='#999', size=11)
                    continue
                end = x0 + room * value[2] / scale
                svg.rect(x0, at + 2, room * value[0] / scale, bar - 4, COLOURS[n % len(COLOURS)])
                if value[1] != value[2]:
                    low = x0 + room * value[1] / scale
                    svg.line(low, at + bar / 2, end, at + bar / 2, '#222', 1.2)
                    for x in (low, end):
                        svg.line(x, at + 5, x, at + bar - 5, '#222', 1.2)
                svg.text(max(end, x0 + room * value[0] / scale) + 6, at + 13, number(value[0]))
        svg.line(x0, top - 4, x0, top + len(groups) * group_height - gap + 4, '#888')
    svg.save(file, width, top + len(groups) * group_height + 10)


def ticks(low, high):
    """Powers of ten that hold all of it."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [10.0 ** e for e in range(first, max(last, first + 1) + 1)]


def lines(file, title, note, charts):
    """Charts, two in a row, each over its own points; both axes logarithmic.

    charts: (heading, name of the x axis, [labels], [(name, [values])])
    """
    svg, width, height, cell_w, cell_h = Svg(), 420, 220, 560, 320
    svg.text(16, 30, title, size=17, weight='bold')
    svg.text(16, 52, note, colour='#555')
    for c, (heading, axis, labels, series) in enumerate(charts):
        x0, y0 = 70 + (c % 2) * cell_w, 100 + (c // 2) * cell_h
        values = [v for _, vs in series for v in vs if v]
        marks = ticks(min(values), max(values)) if values else [1, 10]
        low, high = math.log10(marks[0]), math.log10(marks[-1])
        svg.text(x0, y0 - 16, heading, weight='bold', size=13)
        for mark in marks:
            y = y0 + height - height * (math.log10(mark) - low) / (high - low)
            svg.line(x0, y, x0 + width, y)
            svg.text(x0 - 8, y + 4, f'{mark:,.10g}', anchor='end', size=11)
        step = width / max(1, len(labels) - 1)
        for i, label in enumerate(labels):
            svg.line(x0 + i * step, y0 + height, x0 + i * step, y0 + height + 4, '#888')
            svg.text(x0 + i * step, y0 + height + 18, label, anchor='middle', size=11)
        svg.line(x0, y0 + height, x0 + width, y0 + height, '#888')
        svg.text(x0 + width / 2, y0 + height + 36, axis, anchor='middle', colour='#555')
        for s, (name, vs) in enumerate(series):
            colour = COLOURS[s % len(COLOURS)]
            points = [(x0 + i * step, y0 + height - height * (math.log10(v) - low) / (high - low))
                      for i, v in enumerate(vs) if v]
            svg.path(points, colour)
            svg.rect(x0 + 150 + s * 110, y0 - 26, 12, 12, colour)
            svg.text(x0 + 167 + s * 110, y0 - 16, name)
    svg.save(file, 70 + min(2, len(charts)) * cell_w, 80 + math.ceil(len(charts) / 2) * cell_h)
