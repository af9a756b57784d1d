// The command line: its options and operands, its help, and the messages of errors.
#include "supervisor/cli/options.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "pod/text/utf8_text.hpp"
#include "supervisor/cli/verbs.hpp"

namespace podrun::supervisor {
namespace {

using Words = std::vector<std::string>;

/// The words of a command line, split at blanks.
Words words_of(const std::string& line) {
  std::istringstream stream(line);
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

Options parsed(const std::string& line) {
  const auto options = parse_options(words_of(line));
  EXPECT_TRUE(options) << line << ": " << options.error().text;
  return options.value_or(Options{});
}

std::string error_of(const std::string& line) {
  const auto options = parse_options(words_of(line));
  EXPECT_FALSE(options) << line;
  const std::string text = options ? "podrun: \n" : options.error().text;
  EXPECT_TRUE(text.starts_with("podrun: ") && text.ends_with('\n')) << text;
  return text.substr(8, text.size() - 9);
}

TEST(Options, AFileWithoutAVerbIsRun) {
  const Options options = parsed("web.yaml");
  EXPECT_EQ(options.verb, Verb::Run);
  EXPECT_EQ(options.operands, Words{"web.yaml"});
  EXPECT_FALSE(options.detach);
}

TEST(Options, TheVerbRunIsOptional) {
  const Options options = parsed("run -d web.yaml");
  EXPECT_EQ(options.verb, Verb::Run);
  EXPECT_TRUE(options.detach);
  EXPECT_TRUE(parsed("-d web.yaml").detach);
  EXPECT_TRUE(parsed("web.yaml --detach").detach);
}

TEST(Options, ADashIsStandardInput) {
  EXPECT_EQ(parsed("-").operands, Words{"-"});
  EXPECT_EQ(parsed("check -").operands, Words{"-"});
}

TEST(Options, AVerbAfterTwoDashesIsAFile) {
  const Options options = parsed("-- ps");
  EXPECT_EQ(options.verb, Verb::Run);
  EXPECT_EQ(options.operands, Words{"ps"});
}

TEST(Options, OptionsMayPrecedeTheVerb) {
  const Options options = parsed("--root /srv -n shop ps -a -o json");
  EXPECT_EQ(options.verb, Verb::Ps);
  EXPECT_EQ(options.root, "/srv");
  EXPECT_EQ(options.namespace_name, "shop");
  EXPECT_TRUE(options.all);
  EXPECT_EQ(options.format, Format::Json);
}

TEST(Options, AnOptionsValueMayBeTheNameOfAVerb) {
  EXPECT_EQ(parsed("-n ps run web.yaml").namespace_name, "ps");
  EXPECT_EQ(parsed("-dn ps web.yaml").operands, Words{"web.yaml"});
}

TEST(Options, LogsTakesAContainerAndItsOptions) {
  const Options options = parsed("logs web app -fp --tail 3 --timestamps --raw");
  EXPECT_EQ(options.verb, Verb::Logs);
  EXPECT_EQ(options.operands, (Words{"web", "app"}));
  EXPECT_TRUE(options.follow && options.previous && options.timestamps && options.raw);
  EXPECT_EQ(options.tail, 3u);
  EXPECT_EQ(parsed("logs web").tail, std::nullopt);
  EXPECT_FALSE(parsed("logs web").raw || parsed("web.yaml").raw);
  EXPECT_TRUE(parsed("--raw web.yaml").raw);
}

TEST(Options, StopTakesAGracePeriodInSeconds) {
  EXPECT_EQ(parsed("stop web --grace-period 0").grace, std::chrono::seconds(0));
  EXPECT_EQ(parsed("stop web --grace-period=90").grace, std::chrono::seconds(90));
  EXPECT_EQ(parsed("stop web").grace, std::nullopt);
  EXPECT_EQ(error_of("stop web --grace-period -1"),
            "stop: --grace-period needs a duration such as 30, 30s or 1m30s, not \"-1\"");
}

TEST(Options, RmTakesNamesOrAllOrLeftovers) {
  EXPECT_EQ(parsed("rm web").operands, Words{"web"});
  EXPECT_TRUE(parsed("rm --leftovers").leftovers);
  EXPECT_EQ(error_of("rm"), "rm: NAME is missing; usage: podrun rm [OPTION...] NAME|FILE...");
  EXPECT_EQ(error_of("rm --leftovers web"), "rm: --leftovers excludes NAME, --all and --force");
  EXPECT_EQ(error_of("rm --all web"), "rm: --all and NAME exclude each other");
}

TEST(Options, ExecTakesTheCommandAfterTwoDashesUnchanged) {
  const Options options = parsed("exec -it web/app -n shop -- ls -l -- --help");
  EXPECT_EQ(options.verb, Verb::Exec);
  EXPECT_EQ(options.operands, Words{"web/app"});
  EXPECT_EQ(options.command, (Words{"ls", "-l", "--", "--help"}));
  EXPECT_EQ(options.namespace_name, "shop");
  EXPECT_TRUE(options.input && options.terminal);
  EXPECT_EQ(error_of("exec web --"),
            "exec: COMMAND is missing; usage: podrun exec [OPTION...] POD[/CONTAINER] [--] COMMAND [ARG...]");
}

TEST(Options, AttachTakesNoCommand) {
  const Options options = parsed("attach -it web/app -n shop");
  EXPECT_EQ(options.verb, Verb::Attach);
  EXPECT_EQ(options.operands, Words{"web/app"});
  EXPECT_TRUE(options.input && options.terminal);
  EXPECT_EQ(error_of("attach web -- ls"),
            "attach: too many operands: \"ls\"; usage: podrun attach [OPTION...] POD[/CONTAINER]");
}

TEST(Options, ExecTakesNamespaceKindsAndTheHostsRoot) {
  using enum pod::NamespaceKind;
  EXPECT_EQ(parsed("exec web --ns net,ipc -- ip").kinds, (pod::NamespaceSet{Net, Ipc}));
  EXPECT_EQ(parsed("exec web -- ip").kinds, std::nullopt);
  const Options options = parsed("--root /srv exec --root host web -- ip");
  EXPECT_TRUE(options.host_root);
  EXPECT_EQ(options.root, "/srv");
  EXPECT_EQ(error_of("exec --ns net,foo web -- ip"),
            "exec: --ns knows mnt, net, ipc, uts, pid, user, cgroup, time, not \"foo\"");
  EXPECT_EQ(
      error_of("exec --ns mnt --root host web -- ls"),
      "exec: --root host and --ns mnt exclude each other: the host's root is not in the container's mnt namespace");
}

TEST(Options, DebugTakesAnImageAndMayTakeACommand) {
  const Options options = parsed("debug -it web/app --image tools:1 -- sh -l");
  EXPECT_EQ(options.verb, Verb::Debug);
  EXPECT_EQ(options.image, "tools:1");
  EXPECT_EQ(options.command, (Words{"sh", "-l"}));
  EXPECT_TRUE(parsed("debug web --image tools").command.empty());
  EXPECT_EQ(error_of("debug web"), "debug: --image IMAGE is missing");
}

TEST(Options, AUsageErrorOfExecHasAStatusOfItsOwn) {
  EXPECT_EQ(parse_options({"exec", "web"}).error().status, ExitStatus::CannotEnter);
  EXPECT_EQ(parse_options({"stop"}).error().status, ExitStatus::Invalid);
}

TEST(Options, AnOutputFormatThatTheVerbLacksIsAnError) {
  EXPECT_EQ(parsed("ns web").format, Format::Text);
  EXPECT_EQ(parsed("ns web -ojson").format, Format::Json);
  EXPECT_EQ(parsed("ns web -o dot").format, Format::Dot);
  EXPECT_EQ(parsed("timeline web -o svg").format, Format::Svg);
  EXPECT_EQ(parsed("info --output=json").format, Format::Json);
  EXPECT_EQ(parsed("ps -o wide").format, Format::Wide);
  EXPECT_EQ(error_of("ps -o yaml"), "ps: --output knows only json, wide, not \"yaml\"");
  EXPECT_EQ(error_of("ps -o svg"), "ps: --output knows only json, wide, not \"svg\"");
  EXPECT_EQ(error_of("timeline web -o dot"), "timeline: --output knows only json, svg, not \"dot\"");
}

TEST(Options, NsTakesVerify) {
  EXPECT_TRUE(parsed("ns web --verify").verify);
  EXPECT_FALSE(parsed("ns web").verify);
}

TEST(Options, AnInvalidNamespaceIsRefused) {
  EXPECT_NE(error_of("ps -n ../etc").find("--namespace \"../etc\" must be"), std::string::npos);
}

TEST(Options, ARootMustBeAbsolute) {
  EXPECT_EQ(error_of("ps --root srv"), "ps: --root needs an absolute path, not \"srv\"");
  EXPECT_EQ(parsed("ps --root /srv/").root, "/srv");
  EXPECT_EQ(parsed("ps --root /").root, "");
}

TEST(Options, AnUnknownVerbIsNamedWithTheNearestOne) {
  EXPECT_EQ(error_of("losg web"), "\"losg\" is neither a verb nor a file; did you mean \"logs\"?");
  EXPECT_EQ(error_of("xyzzy"), "\"xyzzy\" is neither a verb nor a file; see podrun --help");
}

TEST(Options, AWordThatLooksLikeAFileIsTakenForOne) {
  EXPECT_EQ(parsed("stop.yaml").verb, Verb::Run);
  EXPECT_EQ(parsed("./stop").verb, Verb::Run);
}

TEST(Options, AnUnknownOptionIsNamedWithTheNearestOne) {
  EXPECT_EQ(error_of("stop web --grace-perod 3"),
            "stop: unknown option \"--grace-perod\"; did you mean \"--grace-period\"?");
  EXPECT_EQ(error_of("ps --follow"), "ps: unknown option \"--follow\"; see podrun ps --help");
  EXPECT_EQ(error_of("-x"), "unknown option \"-x\"; see podrun --help");
}

TEST(Options, AbbreviatedOptionsAreRefused) {
  EXPECT_EQ(error_of("logs web --prev"), "logs: unknown option \"--prev\"; see podrun logs --help");
}

TEST(Options, AMissingOrNeedlessValueIsReported) {
  EXPECT_EQ(error_of("logs web --tail"), "logs: --tail needs a value");
  EXPECT_EQ(error_of("ps --all=yes"), "ps: --all takes no value");
}

TEST(Options, AWrongNumberOfOperandsIsReported) {
  EXPECT_EQ(error_of("stop"), "stop: NAME is missing; usage: podrun stop [OPTION...] NAME|FILE...");
  EXPECT_EQ(error_of("logs web a b"),
            "logs: too many operands: \"b\"; usage: podrun logs [OPTION...] NAME [CONTAINER]");
  EXPECT_EQ(parsed("a.yaml b.yaml").operands.size(), 2U);
}

/// Expects lines that a terminal of 80 columns does not break.
void expect_to_fit(const std::string& help) {
  std::istringstream lines(help);
  for (std::string shown; std::getline(lines, shown);) EXPECT_LE(shown.size(), 80u) << shown;
}

TEST(Options, TheOverallHelpFitsAScreen) {
  expect_to_fit(overall_help());
}

TEST(Options, EveryVerbShownHasHelpThatFitsAScreen) {
  for (const VerbSpec& verb : verbs()) {
    if (verb.summary.empty()) continue;
    for (const std::string& line : {std::string(verb.name) + " --help", "help " + std::string(verb.name)}) {
      const Options options = parsed(line);
      EXPECT_EQ(options.verb, Verb::Help) << line;
      EXPECT_TRUE(options.help.starts_with("Usage: podrun " + std::string(verb.name))) << options.help;
      EXPECT_NE(options.help.find("\nOptions:\n"), std::string::npos) << options.help;
      EXPECT_NE(options.help.find("\n  -h, --help "), std::string::npos) << options.help;
      expect_to_fit(options.help);
    }
  }
}

TEST(Options, TheHelpOfAVerbListsItsOptionsAndNoOthers) {
  const std::string stop = parsed("stop --help").help, ps = parsed("ps --help").help;
  EXPECT_NE(stop.find("\n  -t, --grace-period TIME "), std::string::npos) << stop;
  EXPECT_EQ(stop.find("--quiet"), std::string::npos) << stop;
  EXPECT_NE(ps.find("\n  -a, --all "), std::string::npos) << ps;
  EXPECT_EQ(ps.find("--grace-period"), std::string::npos) << ps;
}

TEST(Options, HelpListsEveryVerbButSupervise) {
  for (const std::string line : {"", "--help", "-h", "help"}) {
    const Options options = parsed(line);
    EXPECT_EQ(options.verb, Verb::Help) << line;
    EXPECT_NE(options.help.find("\nUsage: podrun FILE\n"), std::string::npos) << options.help;
    for (const VerbSpec& verb : verbs()) {
      const std::string shown = "\n  " + std::string(verb.name) + " ";
      EXPECT_EQ(options.help.find(shown) != std::string::npos, verb.verb != Verb::Supervise) << verb.name;
    }
  }
}

TEST(Options, HelpNeedsNoOperands) {
  EXPECT_EQ(parsed("logs --help").verb, Verb::Help);
}

TEST(Options, VersionNeedsNoVerb) {
  EXPECT_EQ(parsed("--version").verb, Verb::Version);
}

TEST(Options, TheInternalVerbSuperviseIsParsed) {
  const Options options = parsed("--root /srv supervise default_web");
  EXPECT_EQ(options.verb, Verb::Supervise);
  EXPECT_EQ(options.operands, Words{"default_web"});
}

TEST(Options, AMalformedCommandLineIsAnErrorOrAnOperand) {
  EXPECT_EQ(error_of("--="), " needs a value");
  EXPECT_EQ(error_of("---"), "unknown option \"---\"; see podrun --help");
  EXPECT_EQ(error_of("-="), "unknown option \"-=\"; see podrun --help");
  EXPECT_EQ(error_of("--root="), "--root needs a value");
  EXPECT_EQ(error_of("-n="), "unknown option \"-n=\"; see podrun --help");
  EXPECT_EQ(error_of("-o"), "unknown option \"-o\"; see podrun --help");
  EXPECT_EQ(error_of("="), "\"=\" is neither a verb nor a file; see podrun --help");
  EXPECT_EQ(error_of("info -- --"), "info: too many operands: \"--\"; usage: podrun info [OPTION...]");
  EXPECT_EQ(error_of("run -d- x"), "run: unknown option \"-d-\"; see podrun run --help");
  EXPECT_EQ(parsed("logs -").operands, Words{"-"});
  EXPECT_EQ(parse_options({""}).error().text, "podrun: \"\" is neither a verb nor a file; see podrun --help\n");
  EXPECT_EQ(parse_options({"--", "", "-"}).value().operands, (Words{"", "-"}));
}

}  // namespace
}  // namespace podrun::supervisor
