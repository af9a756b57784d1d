// Probes, hooks and stop signals in the text and the JSON of a plan.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "pod/plan/describe.hpp"
#include "pod/plan/describe_words.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

TEST(DescribeLifecycle, AProbeIsDescribedByItsActionAndItsTimes) {
  const Probe http{.action = HttpGetAction{.port = {.number = 80}}};
  EXPECT_EQ(probe_words(ProbeKind::Liveness, http),
            "httpGet http://127.0.0.1:80/ every 10s, timeout 1s; ends it after 3 failures");
  const Probe tcp{.action = TcpSocketAction{.host = "::1", .port = {.number = 81}},
                  .initial_delay = 5,
                  .timeout = 2,
                  .period = 3,
                  .success_threshold = 2,
                  .failure_threshold = 1};
  EXPECT_EQ(probe_words(ProbeKind::Readiness, tcp),
            "tcpSocket [::1]:81 after 5s, every 3s, timeout 2s; ready after 2 successes, no more after 1 failure");
  const Probe exec{.action = ExecAction{{"sh", "-c", "a\nb"}}, .grace = 7};
  EXPECT_EQ(probe_words(ProbeKind::Startup, exec),
            "exec sh -c $'a\\nb' every 10s, timeout 1s; ends it after 3 failures, grace 7s");
  const Probe grpc{.action = GrpcAction{.port = {.number = 9}, .service = "my.\x1b[2JService"}};
  EXPECT_TRUE(probe_words(ProbeKind::Liveness, grpc).starts_with("grpc 127.0.0.1:9, service my.\\x1b[2JService every"))
      << probe_words(ProbeKind::Liveness, grpc);
}

TEST(DescribeLifecycle, AHookIsDescribedByItsAction) {
  EXPECT_EQ(hook_words(SleepAction{5}), "sleep 5s");
  EXPECT_EQ(hook_words(ExecAction{{"sync"}}), "exec sync");
  EXPECT_EQ(hook_words(HttpGetAction{.host = "10.0.0.1",
                                     .port = {.number = 80},
                                     .path = "quit",
                                     .https = true,
                                     .headers = {{"Host", "a.example"}, {"X-Key", "secret"}}}),
            "httpGet https://10.0.0.1:80/quit with Host, X-Key");
}

ContainerPlan planned(Container container) { return fixtures::plan_of(std::move(container)); }

Container with_lifecycle() {
  Container container = fixtures::container();
  container.probes.startup = Probe{.action = ExecAction{{"a"}}};
  container.probes.liveness = Probe{.action = HttpGetAction{.port = {.number = 80, .name = "web"}}, .grace = 2};
  container.hooks = {.post_start = TcpSocketAction{.port = {.number = 80}}, .pre_stop = SleepAction{1}};
  container.stop_signal = 3;
  container.restart_policy = RestartPolicy::Never;
  container.restart_rules = {{.values = {42}, .action = RestartRule::Action::RestartAllContainers}};
  return container;
}

TEST(DescribeLifecycle, TheTextShowsThemInTheOrderInWhichTheyAct) {
  const std::string text = to_text(fixtures::plan_of(fixtures::pod({with_lifecycle()})));
  EXPECT_TRUE(text.contains("restart all if exit code in 42")) << text;
  EXPECT_TRUE(text.ends_with("    postStart               tcpSocket 127.0.0.1:80\n"
                             "    startupProbe            exec a every 10s, timeout 1s; ends it after 3 failures\n"
                             "    livenessProbe           httpGet http://127.0.0.1:80/ every 10s, timeout 1s; ends it "
                             "after 3 failures, grace 2s\n"
                             "    preStop                 sleep 1s\n"
                             "    stopSignal              SIGQUIT\n"))
      << text;
  EXPECT_FALSE(to_text(fixtures::plan_of(fixtures::pod())).contains("Signal")) << "SIGTERM is usual";
}

TEST(DescribeLifecycle, TheJsonHasTheFieldsOfTheManifest) {
  const auto json = nlohmann::json::parse(to_json(fixtures::plan_of(fixtures::pod({with_lifecycle()}))));
  const auto& container = json["containers"][0];
  EXPECT_EQ(container["startupProbe"]["exec"]["command"], (nlohmann::json{"a"}));
  EXPECT_EQ(container["livenessProbe"]["httpGet"],
            nlohmann::json::parse(R"({"host": "", "port": 80, "path": "/", "scheme": "HTTP", "httpHeaders": []})"));
  EXPECT_EQ(container["livenessProbe"]["failureThreshold"], 3);
  EXPECT_EQ(container["livenessProbe"]["terminationGracePeriodSeconds"], 2);
  EXPECT_FALSE(container["startupProbe"].contains("terminationGracePeriodSeconds"));
  EXPECT_TRUE(container["readinessProbe"].is_null());
  EXPECT_EQ(container["lifecycle"], nlohmann::json::parse(R"({"postStart": {"tcpSocket": {"host": "", "port": 80}},
                                                           "preStop": {"sleep": {"seconds": 1}},
                                                           "stopSignal": "SIGQUIT"})"));
  EXPECT_EQ(container["restartPolicyRules"][0]["action"], "RestartAllContainers");
}

TEST(DescribeLifecycle, TheImagesStopSignalIsTheDefault) {
  const auto signal = [](std::string text, std::optional<int> own = std::nullopt) {
    Image image = fixtures::image();
    image.config.stop_signal = std::move(text);
    Container container = fixtures::container();
    container.stop_signal = own;
    const auto plan = fixtures::compiled(fixtures::pod({container}), image);
    return plan ? std::to_string(plan->containers.at(0).stop_signal) : plan.error().field + ": " + plan.error().message;
  };
  EXPECT_EQ(signal(""), "15");
  EXPECT_EQ(signal("SIGQUIT"), "3");
  EXPECT_EQ(signal("RTMIN+3"), "37");
  EXPECT_EQ(signal("9"), "9");
  EXPECT_EQ(signal("SIGQUIT", 10), "10");
  EXPECT_EQ(signal("SIGFOO", 10), "10") << "it is not needed";
  EXPECT_EQ(signal("SIGFOO"),
            "spec.containers[0].image: container app: the image's StopSignal \"SIGFOO\" is not a signal");
}

/// The kubelet's ExpandContainerCommandOnlyStatic(), which hooks do without.
TEST(DescribeLifecycle, TheCommandOfAProbeIsExpandedWithTheManifestsValues) {
  Container container = fixtures::container();
  container.env = {{"A", "1"}, {"B", "$(A)2"}, {"C", FieldRef{.path = "metadata.name"}}, {"A", "3"}};
  container.probes.readiness = Probe{.action = ExecAction{{"$(A)", "$(B)", "x$(C)x", "$(D)", "$$(A)"}}};
  container.hooks.pre_stop = ExecAction{{"$(A)"}};
  const ContainerPlan plan = planned(container);
  EXPECT_EQ(std::get<ExecAction>(plan.probes.readiness->action).command,
            (std::vector<std::string>{"3", "$(A)2", "xx", "$(D)", "$(A)"}));
  EXPECT_EQ(std::get<ExecAction>(*plan.hooks.pre_stop).command, std::vector<std::string>{"$(A)"});
}

}  // namespace
}  // namespace podrun::pod
