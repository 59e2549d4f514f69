package org.depesche.config;

import java.lang.invoke.MethodType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The keys of the file, as the records of [Settings] have them.
final class Shape {

  private Shape() {}

  /// The key of a component, in kebab-case.
  static String key(RecordComponent component) {
    return component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  static List<String> keys(Class<?> type) {
    return Arrays.stream(type.getRecordComponents()).map(Shape::key).toList();
  }

  /// The type of a component's value, or of what its list or option holds.
  static Class<?> element(RecordComponent component) {
    return component.getGenericType() instanceof ParameterizedType parameterized
            && parameterized.getActualTypeArguments()[0] instanceof Class<?> argument
        // A number that may be missing is a number.
        ? MethodType.methodType(argument).unwrap().returnType()
        : component.getType();
  }

  /// Records of one value, such as sizes, are no tables.
  static boolean isTable(Class<?> type) {
    return type.getEnclosingClass() == Settings.class;
  }

  static Optional<Range> range(RecordComponent component) {
    return Optional.ofNullable(component.getAnnotation(Range.class));
  }

  /// The full names of all keys called like this, in whatever table they stand; those of tables
  /// there can be several of last.
  static List<String> named(String key) {
    List<String> found = new ArrayList<>();
    List<String> ofSeveral = new ArrayList<>();
    for (RecordComponent component : Settings.class.getRecordComponents()) {
      Class<?> type = element(component);
      if (key(component).equals(key)) {
        found.add(key);
      } else if (isTable(type) && keys(type).contains(key)) {
        (component.getType() == List.class ? ofSeveral : found).add(key(component) + "." + key);
      }
    }
    found.addAll(ofSeveral);
    return found;
  }

  static Object value(RecordComponent component, Record of) {
    try {
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }
}
