// Command lines as users of podman, docker, Compose and kubectl type them, and what they mean here.
#include "tests/supervisor/cli/command_lines.hpp"

namespace podrun::supervisor {
namespace {

using test::error_in, test::meaning_of;

struct Row {
  std::string line;
  std::string meaning;
};

void expect_meanings(const std::vector<Row>& rows) {
  for (const Row& row : rows) EXPECT_EQ(meaning_of(row.line), row.meaning) << row.line;
}

TEST(Habits, AFileMayFollowAnOption) {
  expect_meanings({{"run -f web.yaml", "run [web.yaml]"},
                   {"run -d -f web.yaml -f db.yaml", "run detach [web.yaml db.yaml]"},
                   {"run --file web.yaml", "run [web.yaml]"},
                   {"run --filename=web.yaml", "run [web.yaml]"},
                   {"run -f=web.yaml", "run [web.yaml]"},
                   {"run -fweb.yaml more.yaml", "run [more.yaml web.yaml]"},
                   {"run -f -", "run [-]"},
                   {"-f web.yaml", "run [web.yaml]"},
                   {"-d -f web.yaml", "run detach [web.yaml]"},
                   {"--file=web.yaml -d", "run detach [web.yaml]"},
                   {"check -f web.yaml", "check [web.yaml]"},
                   {"plan --filename web.yaml", "plan [web.yaml]"},
                   {"script -f web.yaml", "script [web.yaml]"}});
}

TEST(Habits, TheFileMayPrecedeTheVerb) {
  expect_meanings(
      {{"-f web.yaml up -d", "run detach [web.yaml]"},
       {"-f web.yaml down", "stop files=web.yaml"},
       {"--file web.yaml up", "run [web.yaml]"},
       {"-f web.yaml ps", "podrun: ps: unknown option \"-f\": ps lists all pods that run; NAME picks some\n"},
       {"-f web.yaml config",
        "podrun: \"config\" is not a verb of podrun; instead: podrun check web.yaml; "
        "podrun plan shows every step of the start\n"}});
}

TEST(Habits, ExactSynonymsAreVerbs) {
  expect_meanings({{"up web.yaml", "run [web.yaml]"},
                   {"up -d web.yaml", "run detach [web.yaml]"},
                   {"down web", "stop [web]"},
                   {"down -t 5 web", "stop grace=5s [web]"},
                   {"ls", "ps"},
                   {"list -a", "ps all"},
                   {"log -f web", "logs follow [web]"},
                   {"validate web.yaml", "check [web.yaml]"},
                   {"version", "version"}});
}

TEST(Habits, AContainerIsNamedByAnOption) {
  expect_meanings(
      {{"logs web -c app", "logs container=app [web]"},
       {"logs -c app web", "logs container=app [web]"},
       {"logs --container=app web", "logs container=app [web]"},
       {"logs -c=app -f web", "logs follow container=app [web]"},
       {"logs web/app", "logs [web/app]"},
       {"exec -c app web -- ls", "exec container=app [web] -- ls"},
       {"exec web -c app -- ls -c", "exec container=app [web] -- ls -c"},
       {"attach -it web -c app", "attach input terminal container=app [web]"},
       {"debug web --image tools --target app", "debug container=app image=tools [web]"},
       {"debug -it web --image=tools --target=app -- sh", "debug input terminal container=app image=tools [web] -- sh"},
       {"debug web --image tools -c app", "debug container=app image=tools [web]"}});
  EXPECT_EQ(error_in("logs web -c app -c db"), "logs: --container names \"db\", but \"app\" was named before");
  EXPECT_EQ(error_in("logs web app --all-containers"), "logs: --all-containers and CONTAINER exclude each other");
}

TEST(Habits, TheSecondOperandOfExecBeginsTheCommand) {
  expect_meanings({{"exec web ls -l /", "exec [web] -- ls -l /"},
                   {"exec -it web sh -c date", "exec input terminal [web] -- sh -c date"},
                   {"exec -it web -c app sh -c date", "exec input terminal container=app [web] -- sh -c date"},
                   {"exec web/app grep -- -x file", "exec [web/app] -- grep -- -x file"},
                   {"exec web env --namespace x", "exec [web] -- env --namespace x"},
                   {"exec -n shop web ls -n", "exec namespace=shop [web] -- ls -n"},
                   {"-n shop exec web ls --help", "exec namespace=shop [web] -- ls --help"},
                   {"exec -i=true --tty=true web sh", "exec input terminal [web] -- sh"},
                   {"exec --interactive --tty web sh", "exec input terminal [web] -- sh"},
                   {"-it exec web sh", "exec input terminal [web] -- sh"},
                   {"debug web --image tools sh -l", "debug image=tools [web] -- sh -l"}});
}

TEST(Habits, AnEqualsSignMayFollowALetter) {
  expect_meanings({{"ps -o=json", "ps json"},
                   {"ps -ojson", "ps json"},
                   {"ps -o json", "ps json"},
                   {"ps --output=json", "ps json"},
                   {"ps -aojson", "ps all json"},
                   {"ps -ao=json", "ps all json"},
                   {"ps -n=shop", "ps namespace=shop"},
                   {"stop -t=5 web", "stop grace=5s [web]"}});
  EXPECT_EQ(error_in("ps -o=yaml"), "ps: --output knows only json, wide, not \"yaml\"");
}

TEST(Habits, AFlagMayHaveAValue) {
  expect_meanings({{"logs --follow=true web", "logs follow [web]"},
                   {"logs --follow=false web", "logs [web]"},
                   {"logs --all-containers=true web", "logs all-containers [web]"},
                   {"logs -f=true web", "logs follow [web]"},
                   {"logs -tf=false web", "logs timestamps [web]"},
                   {"run -d=true web.yaml", "run detach [web.yaml]"}});
  EXPECT_EQ(error_in("ps --all=yes"), "ps: --all takes no value");
}

TEST(Habits, DurationsHaveUnitsOrNone) {
  expect_meanings({{"stop web -t 5", "stop grace=5s [web]"},
                   {"stop web --time 5", "stop grace=5s [web]"},
                   {"stop web --timeout=5s", "stop grace=5s [web]"},
                   {"stop web --grace-period 1m30s", "stop grace=90s [web]"},
                   {"stop web --grace-period 1h", "stop grace=3600s [web]"},
                   {"stop web -t 0", "stop grace=0s [web]"},
                   {"stop web -t 250ms", "stop grace=1s [web]"},
                   {"logs web --since 10m", "logs ago=600000ms [web]"},
                   {"logs web --since=90", "logs ago=90000ms [web]"},
                   {"logs web --since 1h30m", "logs ago=5400000ms [web]"}});
  EXPECT_EQ(error_in("stop web -t soon"),
            "stop: --grace-period needs a duration such as 30, 30s or 1m30s, not \"soon\"");
}

TEST(Habits, UntilIsATimeToo) {
  expect_meanings({{"logs web --until 2026-11-30T10:00:00Z", "logs until=2026-11-30T10:00:00.000000000Z [web]"},
                   {"logs web --since 5m --until=1795000000",
                    "logs until=2026-11-18T11:06:40.000000000Z ago=300000ms [web]"}});
  EXPECT_EQ(error_in("logs web --until 5m -f"), "logs: --until and --follow exclude each other");
  EXPECT_EQ(error_in("logs web --until 5m --tail 3"), "logs: --until and --tail exclude each other");
  EXPECT_EQ(error_in("stop --all -f web.yaml"), "stop: --all and --file exclude each other");
}

TEST(Habits, SinceIsATime) {
  expect_meanings(
      {{"logs web --since 2026-11-30T10:00:00Z", "logs since=2026-11-30T10:00:00.000000000Z [web]"},
       {"logs web --since-time=2026-11-30T10:00:00.25+01:00", "logs since=2026-11-30T09:00:00.250000000Z [web]"},
       {"logs web --since 2026-11-30T10:00:00", "logs since=2026-11-30T10:00:00.000000000Z [web]"},
       {"logs web --since 2026-11-30", "logs since=2026-11-30T00:00:00.000000000Z [web]"},
       {"logs web --since 1795000000", "logs since=2026-11-18T11:06:40.000000000Z [web]"}});
  EXPECT_EQ(error_in("logs web --since yesterday"),
            "logs: --since needs a duration such as 10m, or a time such as 2026-11-30T10:00:00Z, not \"yesterday\"");
  EXPECT_NE(error_in("logs web --since 2026-11-30T10:00:00.Z"), "");
  EXPECT_NE(error_in("logs web --since 2026-11-30T10:00:00+1"), "");
}

TEST(Habits, LogsHaveKubectlsAndDockersOptions) {
  expect_meanings({{"logs -p web", "logs previous [web]"},
                   {"logs --previous web", "logs previous [web]"},
                   {"logs -t web", "logs timestamps [web]"},
                   {"logs --timestamps web", "logs timestamps [web]"},
                   {"logs --tail=20 web", "logs tail=20 [web]"},
                   {"logs --tail -1 web", "logs [web]"},
                   {"logs --tail=all web", "logs [web]"},
                   {"logs --all-containers web", "logs all-containers [web]"},
                   {"logs --prefix web app", "logs prefix [web app]"},
                   {"logs -f -n shop web", "logs follow namespace=shop [web]"}});
}

TEST(Habits, SeveralPodsAreStoppedAndRemoved) {
  expect_meanings({{"stop a b c", "stop [a b c]"},
                   {"stop --all", "stop all"},
                   {"stop -a -t 5", "stop all grace=5s"},
                   {"stop -f web.yaml", "stop files=web.yaml"},
                   {"stop web.yaml", "stop [web.yaml]"},
                   {"rm a b", "rm [a b]"},
                   {"rm --all", "rm all"},
                   {"rm -f web", "rm force [web]"},
                   {"rm -af", "rm all force"},
                   {"rm -f -t 0 web", "rm force grace=0s [web]"},
                   {"rm -f web.yaml", "rm force [web.yaml]"},
                   {"rm --file web.yaml", "rm files=web.yaml"},
                   {"run -d --replace web.yaml", "run detach replace [web.yaml]"}});
  EXPECT_EQ(error_in("stop --all web"), "stop: --all and NAME exclude each other");
  EXPECT_EQ(error_in("rm --leftovers --force"), "rm: --leftovers excludes NAME, --all and --force");
}

TEST(Habits, PsTakesNames) {
  expect_meanings({{"ps web db", "ps [web db]"},
                   {"ps -q", "ps quiet"},
                   {"ps -aq", "ps all quiet"},
                   {"ps -A", "ps"},
                   {"ps -Aa", "ps all"}});
  EXPECT_EQ(error_in("ps -A -n shop"), "ps: --all-namespaces and --namespace exclude each other");
  EXPECT_EQ(error_in("ps -q -o json"), "ps: --quiet and --output exclude each other");
}

TEST(Habits, AMissingNameIsAnsweredWithThePodsThatThereAre) {
  const PodsHint hint = [](const Options& options) {
    return options.verb == Verb::Exec ? "; pod web runs: podrun exec web -- COMMAND" : "; no pod runs";
  };
  EXPECT_EQ(parse_options({"stop"}, hint).error().text, "podrun: stop: NAME is missing; no pod runs\n");
  EXPECT_EQ(parse_options({"exec", "-it"}, hint).error().text,
            "podrun: exec: POD is missing; pod web runs: podrun exec web -- COMMAND\n");
  EXPECT_EQ(parse_options({"run"}, hint).error().text,
            "podrun: run: FILE is missing; usage: podrun run [OPTION...] FILE...\n");
}

TEST(Habits, EverythingThatIsAcceptedIsInTheHelp) {
  for (const VerbSpec& verb : verbs()) {
    if (verb.summary.empty()) continue;
    const std::string help = help_for(verb);
    for (const OptionSpec* option : verb.options)
      for (const std::string& name : test::words_of_line(option->also))
        EXPECT_NE(help.find("--" + name + " "), std::string::npos) << verb.name << " " << name;
    for (const std::string& name : test::words_of_line(std::string(verb.also)))
      EXPECT_NE(help.find("\"podrun " + name + "\""), std::string::npos) << verb.name << " " << name;
  }
}

}  // namespace
}  // namespace podrun::supervisor
