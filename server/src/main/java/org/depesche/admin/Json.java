package org.depesche.admin;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.EnvelopeId;

/// Records to JSON and back.
///
/// A record is an object with its components as keys. A `Duration` becomes a number of milliseconds
/// under the key with `Ms` added, an `Instant` ISO 8601 text, an empty `Optional` and `Instant.MAX`
/// (never) no key at all. A record of a sealed interface says in `event` which one it is.
public final class Json {

  /// Deepest nesting that is read.
  private static final int MAX_DEPTH = 32;

  private static final String TAG = "event";
  private static final JSON PRETTY = JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT);

  private Json() {}

  /// Writes a record, a map or a list of such.
  public static byte[] write(Object value) {
    try {
      return PRETTY.asBytes(plain(value));
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot be written as JSON: " + value, e);
    }
  }

  /// Reads what `write` made of a record. Unknown keys are passed over.
  ///
  /// @throws IllegalArgumentException when it is something else
  public static <T extends Record> T read(byte[] json, Class<T> type) {
    try {
      return type.cast(value(JSON.std.anyFrom(json), type, MAX_DEPTH));
    } catch (IOException e) {
      throw new IllegalArgumentException("not JSON: " + e.getMessage(), e);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("not a time: " + e.getMessage(), e);
    }
  }

  private static Object plain(Object value) {
    return switch (value) {
      case Number _, Boolean _, String _ -> value;
      case Instant i -> i.toString();
      case EnvelopeId eid -> eid.toString();
      case EnhancedStatus status -> status.toString();
      case Enum<?> e -> e.toString();
      case List<?> list -> list.stream().map(Json::plain).toList();
      case Map<?, ?> map -> {
        Map<String, Object> out = new LinkedHashMap<>();
        map.forEach((k, v) -> out.put(k.toString(), plain(v)));
        yield out;
      }
      case Record r -> object(r);
      default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
    };
  }

  private static Map<String, Object> object(Record value) {
    Map<String, Object> out = new LinkedHashMap<>();
    if (isAlternative(value.getClass())) {
      out.put(TAG, tag(value.getClass()));
    }
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      switch (component(value, component)) {
        case Duration d -> out.put(key(component), d.toMillis());
        case Optional<?> o -> o.ifPresent(v -> out.put(key(component), plain(v)));
        case Instant i when i.equals(Instant.MAX) -> {}
        case Object v -> out.put(key(component), plain(v));
      }
    }
    return out;
  }

  private static Object component(Record value, RecordComponent component) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(value);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String key(RecordComponent component) {
    return component.getType() == Duration.class ? component.getName() + "Ms" : component.getName();
  }

  private static boolean isAlternative(Class<?> type) {
    for (Class<?> i : type.getInterfaces()) {
      if (i.isSealed()) {
        return true;
      }
    }
    return false;
  }

  /// `SessionEnded` is `session-ended`.
  private static String tag(Class<?> type) {
    return type.getSimpleName().replaceAll("(?<=.)([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  private static Object value(Object json, Type type, int depth) {
    if (depth == 0) {
      throw new IllegalArgumentException("nested too deeply");
    }
    if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
      List<Object> list = new ArrayList<>();
      for (Object element : expect(json, List.class)) {
        list.add(value(element, generic.getActualTypeArguments()[0], depth - 1));
      }
      return list;
    }
    if (!(type instanceof Class<?> c)) {
      throw new IllegalArgumentException("cannot be read: " + type);
    }
    return switch (c.getName()) {
      case "java.lang.String" -> expect(json, String.class);
      case "int" -> expect(json, Number.class).intValue();
      case "long" -> expect(json, Number.class).longValue();
      case "boolean" -> expect(json, Boolean.class);
      case "java.time.Instant" -> Instant.parse(expect(json, String.class));
      case "java.time.Duration" -> Duration.ofMillis(expect(json, Number.class).longValue());
      case "org.depesche.mail.EnvelopeId" -> EnvelopeId.parse(expect(json, String.class));
      case "org.depesche.mail.EnhancedStatus" -> EnhancedStatus.parse(expect(json, String.class));
      default -> record(expect(json, Map.class), c, depth);
    };
  }

  private static Object record(Map<?, ?> json, Class<?> type, int depth) {
    if (type.isSealed()) {
      for (Class<?> permitted : type.getPermittedSubclasses()) {
        if (tag(permitted).equals(json.get(TAG))) {
          return record(json, permitted, depth);
        }
      }
      throw new IllegalArgumentException("not known: " + json.get(TAG));
    }
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      values[i] = member(json, components[i], depth);
    }
    try {
      var constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("no " + type.getSimpleName() + ": " + json, e);
    }
  }

  private static Object member(Map<?, ?> json, RecordComponent component, int depth) {
    Object value = json.get(key(component));
    if (component.getGenericType() instanceof ParameterizedType generic
        && generic.getRawType() == Optional.class) {
      return value == null
          ? Optional.empty()
          : Optional.of(value(value, generic.getActualTypeArguments()[0], depth - 1));
    }
    if (value != null) {
      return value(value, component.getGenericType(), depth - 1);
    }
    if (component.getType() == Instant.class) {
      return Instant.MAX;
    }
    throw new IllegalArgumentException("lacks " + key(component));
  }

  private static <T> T expect(Object json, Class<T> type) {
    if (!type.isInstance(json)) {
      throw new IllegalArgumentException("not a " + type.getSimpleName() + ": " + json);
    }
    return type.cast(json);
  }
}
