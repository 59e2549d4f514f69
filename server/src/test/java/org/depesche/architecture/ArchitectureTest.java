package org.depesche.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The law of the house: which package may import which, where third parties, clocks, threads and
/// sockets may stand.
class ArchitectureTest {

  private static final String ROOT = "org.depesche.";

  /// Package -> what it may import of ours besides itself, `mail` and `time`. Every package has a
  /// row.
  private static final Map<String, Set<String>> MAY_IMPORT =
      Map.ofEntries(
          entry("mail", Set.of()),
          entry("time", Set.of()),
          entry("message", Set.of()),
          entry("smtp", Set.of()),
          entry("sasl", Set.of()),
          entry("net", Set.of()),
          entry("smtp.server", Set.of("smtp", "net", "sasl", "message")),
          entry("smtp.client", Set.of("smtp", "net", "message", "sasl")),
          entry("dns", Set.of()),
          entry("files", Set.of()),
          entry("spool", Set.of("message")),
          entry("spool.log", Set.of("spool", "message")),
          entry("directory", Set.of("directory.password", "sasl", "smtp", "files")),
          entry("directory.password", Set.of("sasl")),
          entry("directory.dovecot", Set.of("directory", "smtp")),
          entry("directory.ldap", Set.of("directory", "smtp")),
          entry("directory.sql", Set.of("directory", "smtp")),
          entry(
              "login", Set.of("directory", "directory.password", "limits", "sasl", "smtp.server")),
          entry("srs", Set.of("smtp")),
          entry("login.oauth", Set.of("directory", "sasl")),
          entry("tls", Set.of("net", "files")),
          entry("tls.acme", Set.of("net", "tls", "files")),
          entry("mailbox", Set.of("message")),
          entry("mailbox.maildir", Set.of("mailbox", "message")),
          entry("telemetry", Set.of()),
          entry("limits", Set.of("telemetry")),
          entry(
              "policy",
              Set.of("net", "smtp", "smtp.server", "directory", "limits", "telemetry", "message")),
          entry("dsn", Set.of("directory", "message", "smtp", "spool")),
          entry(
              "intake",
              Set.of(
                  "smtp",
                  "smtp.server",
                  "net",
                  "directory",
                  "policy",
                  "spool",
                  "message",
                  "telemetry",
                  "limits")),
          entry("routing", Set.of("directory", "smtp")),
          entry("delivery", Set.of("message", "routing", "spool")),
          entry(
              "delivery.local",
              Set.of("delivery", "directory", "mailbox", "message", "routing", "spool")),
          entry(
              "delivery.smtp",
              Set.of(
                  "delivery",
                  "directory",
                  "dns",
                  "message",
                  "net",
                  "routing",
                  "smtp.client",
                  "spool")),
          entry(
              "queue",
              Set.of(
                  "spool",
                  "routing",
                  "delivery",
                  "dsn",
                  "limits",
                  "telemetry",
                  "files",
                  "message")),
          entry(
              "config",
              Set.of(
                  "directory",
                  "directory.password",
                  "directory.dovecot",
                  "directory.ldap",
                  "directory.sql",
                  "policy",
                  "routing",
                  "sasl",
                  "smtp")),
          entry("load", Set.of("config", "smtp", "net", "smtp.client", "sasl", "message")),
          entry(
              "admin",
              Set.of(
                  "queue",
                  "routing",
                  "smtp",
                  "spool",
                  "directory",
                  "limits",
                  "telemetry",
                  "config")),
          entry(
              "app",
              Set.of(
                  "files",
                  "smtp",
                  "net",
                  "smtp.server",
                  "smtp.client",
                  "message",
                  "dns",
                  "spool",
                  "spool.log",
                  "directory",
                  "directory.password",
                  "directory.dovecot",
                  "directory.ldap",
                  "directory.sql",
                  "login",
                  "srs",
                  "login.oauth",
                  "sasl",
                  "tls",
                  "tls.acme",
                  "mailbox",
                  "mailbox.maildir",
                  "telemetry",
                  "limits",
                  "policy",
                  "intake",
                  "routing",
                  "delivery",
                  "delivery.local",
                  "delivery.smtp",
                  "dsn",
                  "queue",
                  "config",
                  "admin")),
          entry(
              "cli",
              Set.of(
                  "app",
                  "admin",
                  "config",
                  "directory",
                  "directory.password",
                  "sasl",
                  "login",
                  "queue",
                  "smtp",
                  "net",
                  "smtp.server",
                  "smtp.client",
                  "load",
                  "tls",
                  "message",
                  "spool",
                  "spool.log",
                  "telemetry")));

  /// Third party -> the packages that may touch it.
  private static final Map<String, Set<String>> CONFINED =
      Map.ofEntries(
          entry("org.xbill.DNS", Set.of("dns")),
          entry("com.github.benmanes.caffeine", Set.of("dns", "directory", "spool.log")),
          entry("org.tomlj", Set.of("config", "directory")),
          entry("picocli", Set.of("cli")),
          entry("io.javalin", Set.of("admin")),
          entry("org.eclipse.jetty", Set.of("admin")),
          entry("com.fasterxml.jackson", Set.of("admin", "cli")),
          entry("io.prometheus", Set.of("telemetry")),
          entry("java.sql", Set.of("telemetry", "directory.sql")),
          entry("com.zaxxer.hikari", Set.of("directory.sql")),
          entry("com.unboundid", Set.of("directory.ldap", "tls")),
          entry("org.sqlite", Set.of("telemetry")),
          entry("org.bouncycastle", Set.of("directory.password", "tls")),
          entry("org.shredzone.acme4j", Set.of("tls.acme")),
          entry("io.netty", Set.of("tls")),
          entry("com.nimbusds", Set.of("login.oauth")),
          entry("org.HdrHistogram", Set.of("load")),
          entry("com.ibm.icu", Set.of("directory")));

  private static final Set<String> MAY_USE_CLOCKS = Set.of("time", "app", "cli");

  /// The key and trust managers of the JDK name sockets in their signatures. Dovecot is spoken to
  /// over one connection that many share, which is no session of mail.
  private static final Set<String> MAY_USE_SOCKETS =
      Set.of("net", "cli", "admin", "app", "tls", "tls.acme", "directory.dovecot");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("org.depesche");

  @Test
  void everyPackageHasARowAndImportsOnlyWhatItLists() {
    Set<String> violations = new TreeSet<>();
    for (JavaClass from : CLASSES) {
      String source = packageOf(from);
      if (source.equals("bench")) {
        continue;
      }
      Set<String> allowed = MAY_IMPORT.get(source);
      if (allowed == null) {
        violations.add("no row for package " + source);
        continue;
      }
      for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
        JavaClass to = dependency.getTargetClass().getBaseComponentType();
        if (!to.getPackageName().startsWith("org.depesche")) {
          continue;
        }
        String target = packageOf(to);
        if (!target.equals(source)
            && !target.equals("mail")
            && !target.equals("time")
            && !allowed.contains(target)) {
          violations.add(source + " -> " + target + " (" + from.getSimpleName() + ")");
        }
      }
    }

    assertThat(violations).isEmpty();
    assertThat(CLASSES).hasSizeGreaterThan(30);
  }

  @Test
  void thirdPartiesStayInTheirPackages() {
    Set<String> violations = new TreeSet<>();
    for (JavaClass from : CLASSES) {
      for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
        String target = dependency.getTargetClass().getBaseComponentType().getPackageName();
        CONFINED.forEach(
            (library, homes) -> {
              if ((target + ".").startsWith(library + ".") && !homes.contains(packageOf(from))) {
                violations.add(from.getName() + " -> " + library);
              }
            });
      }
    }

    assertThat(violations).isEmpty();
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("org.depesche.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void clocksAndChanceArePassedIn() {
    Set<String> banned =
        Set.of(
            "java.time.Instant.now",
            "java.time.Clock.systemUTC",
            "java.lang.System.nanoTime",
            "java.lang.System.currentTimeMillis",
            "java.lang.Thread.sleep",
            "java.lang.Math.random");
    Set<String> violations = new TreeSet<>();
    for (JavaClass from : CLASSES) {
      if (MAY_USE_CLOCKS.contains(packageOf(from)) || packageOf(from).equals("bench")) {
        continue;
      }
      from.getMethodCallsFromSelf()
          .forEach(
              call -> {
                String name = call.getTargetOwner().getName() + "." + call.getName();
                if (banned.contains(name)) {
                  violations.add(from.getName() + " calls " + name);
                }
              });
      from.getConstructorCallsFromSelf()
          .forEach(
              call -> {
                if (call.getTargetOwner().getName().equals("java.util.Random")) {
                  violations.add(from.getName() + " makes a Random");
                }
              });
    }

    assertThat(violations).isEmpty();
  }

  @Test
  void socketsStandInNetOnly() {
    Set<String> homes =
        MAY_USE_SOCKETS.stream().map(p -> ROOT + p).collect(Collectors.toUnmodifiableSet());
    noClasses()
        .that()
        .resideOutsideOfPackages(homes.toArray(String[]::new))
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.net\\.(Socket|ServerSocket)|java\\.nio\\.channels\\.(Server)?SocketChannel")
        .check(CLASSES);
  }

  @Test
  void stateIsNeverStaticAndMutable() {
    fields()
        .that()
        .areStatic()
        .and()
        .areDeclaredInClassesThat()
        .resideInAPackage("org.depesche..")
        .and()
        .doNotHaveModifier(JavaModifier.SYNTHETIC)
        .should()
        .beFinal()
        .check(CLASSES);
  }

  @Test
  void namesSayWhatAThingIs() {
    classes()
        .should()
        .haveNameNotMatching(".*(Util|Utils|Helper|Manager|Impl|Base)")
        .andShould()
        .haveNameNotMatching(".*\\.Abstract[A-Z].*")
        .check(CLASSES);
  }

  private static String packageOf(JavaClass c) {
    String name = c.getPackageName();
    return name.startsWith(ROOT) ? name.substring(ROOT.length()) : name;
  }
}
