"""What a killed server has left on its disk, which says what it was doing. Looks at headers of records, believes all of them."""

import collections
import glob
import os
import re
import struct

MESSAGE, REMOVAL, SEAL = 2, 4, 5
FIRST_RECORD, RECORD = 64, 24
MAGIC = 0x44504C52


class Segment:
    """One file of the log: its number, the messages and removals in it, whether it was sealed, and whether it has hints."""

    def __init__(self, path):
        self.number = int(os.path.basename(path)[:16], 16)
        self.records = list(records(path))
        self.sealed = bool(self.records) and self.records[-1][0] == SEAL
        self.hinted = has_whole_hints(path[:-len('log')] + 'hint')

    def messages(self):
        return {id for kind, id in self.records if kind == MESSAGE}


def records(path):
    """Type and message of each record, up to the first that is none."""
    with open(path, 'rb') as f:
        header = f.read(FIRST_RECORD)
        salt = struct.unpack_from('>Q', header, 24)[0]
        at, size = FIRST_RECORD, os.fstat(f.fileno()).st_size
        while at + RECORD <= size:
            f.seek(at)
            magic, length, kind, _, _, _, id = struct.unpack('>IIBBHIQ', f.read(RECORD))
            if magic != MAGIC ^ (salt >> 32) or at + RECORD + length > size:
                return
            yield kind, id
            at += RECORD + length + 7 & ~7


def has_whole_hints(path):
    if not os.path.exists(path):
        return False
    with open(path, 'rb') as f:
        header = f.read(28)
    return len(header) == 28 and os.path.getsize(path) == 28 + struct.unpack_from('>I', header, 12)[0]


def of(server):
    """The names of all that a kill can be seen to have come upon."""
    spool = os.path.join(server.data, 'spool')
    segments = [Segment(path) for path in sorted(glob.glob(spool + '/*.log'))]
    found = set()
    if len(segments) > 1:
        found.add('several segments')
    if segments and segments[-1].number > len(segments):
        found.add('a segment freed')
    if glob.glob(spool + '/*.spare'):
        found.add('a segment kept for reuse')
    if segments and not segments[-1].sealed:
        found.add('a segment without its end')
    if any(s.sealed and not s.hinted for s in segments):
        found.add('a sealed segment without hints')
    found |= moves(segments)
    if unfinished_copies(server):
        found.add('copies without their name in a mailbox')
    return found


def moves(segments):
    """Compaction leaves a message in two segments until the older one is freed."""
    homes, removed = collections.defaultdict(list), set()
    for segment in segments:
        for kind, id in segment.records:
            if kind == MESSAGE and segment.number not in homes[id]:
                homes[id].append(segment.number)
            elif kind == REMOVAL:
                removed.add(id)
    moved = {id: numbers for id, numbers in homes.items() if len(numbers) > 1}
    if not moved:
        return set()
    found = {'a message moved out of a sparse segment'}
    for segment in segments:
        needed = segment.messages() - removed
        if {segment.number == homes[id][-1] for id in needed} == {True, False}:
            found.add('a sparse segment emptied in part')
    return found


def unfinished_copies(server):
    """Files that delivery has begun and not put into `new`."""
    mail = os.path.join(server.data, 'mail')
    return glob.glob(mail + '/.%staging/*/*') + glob.glob(mail + '/*/*/Maildir/tmp/*')


def open_files(process):
    """What a process that stands still has open."""
    found = []
    for path in glob.glob(f'/proc/{process.pid}/fd/*'):
        try:
            found.append(re.sub(r' \(deleted\)$', '', os.readlink(path)))
        except OSError:
            pass
    return found
