// Probes, hooks and stop signals: what each field becomes, and the defaults.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>

#include "tests/pod/manifests.hpp"

namespace podrun::pod {
namespace {

Container decoded(std::string_view container, std::string_view spec = "") {
  const auto pod = parse(manifest({.spec = spec, .container = container}));
  EXPECT_TRUE(pod) << pod.error().front().message;
  return pod ? pod->spec.containers.back() : Container{};
}

const HttpGetAction& http_of(const std::optional<Probe>& probe) { return std::get<HttpGetAction>(probe->action); }

TEST(Probes, EveryFieldIsDecoded) {
  const Container app = decoded(
      "    ports: [{name: web, containerPort: 8080}, {name: db, containerPort: 5432}]\n"
      "    startupProbe: {exec: {command: [test, -e, /ok]}, initialDelaySeconds: 1, timeoutSeconds: 2, periodSeconds: 3,"
      " failureThreshold: 4, terminationGracePeriodSeconds: 5}\n"
      "    livenessProbe: {httpGet: {host: '::1', port: web, path: '/live?a=b', scheme: HTTPS, httpHeaders: [{name: Host,"
      " value: a.example}, {name: Accept, value: ''}]}}\n"
      "    readinessProbe: {tcpSocket: {host: localhost, port: db}, successThreshold: 6}\n");
  ASSERT_TRUE(app.probes.startup && app.probes.liveness && app.probes.readiness);
  const Probe& startup = *app.probes.startup;
  EXPECT_EQ(std::get<ExecAction>(startup.action).command, (std::vector<std::string>{"test", "-e", "/ok"}));
  EXPECT_EQ(startup.initial_delay, 1);
  EXPECT_EQ(startup.timeout, 2);
  EXPECT_EQ(startup.period, 3);
  EXPECT_EQ(startup.failure_threshold, 4);
  EXPECT_EQ(startup.grace, 5);
  const HttpGetAction& http = http_of(app.probes.liveness);
  EXPECT_EQ(http.host, "::1");
  EXPECT_EQ(http.port.number, 8080);
  EXPECT_EQ(http.path, "/live?a=b");
  EXPECT_TRUE(http.https);
  ASSERT_EQ(http.headers.size(), 2U);
  EXPECT_EQ(http.headers[0].name + "=" + http.headers[0].value, "Host=a.example");
  EXPECT_EQ(http.headers[1].name + "=" + http.headers[1].value, "Accept=");
  EXPECT_EQ(app.probes.readiness->success_threshold, 6);
  EXPECT_EQ(std::get<TcpSocketAction>(app.probes.readiness->action).port.number, 5432);
  EXPECT_EQ(std::get<TcpSocketAction>(app.probes.readiness->action).host, "localhost");
  const Container grpc = decoded("    livenessProbe: {grpc: {port: 9000, service: s}}\n");
  EXPECT_EQ(std::get<GrpcAction>(grpc.probes.liveness->action).port.number, 9000);
  EXPECT_EQ(std::get<GrpcAction>(grpc.probes.liveness->action).service, "s");
}

/// SetDefaults_Probe() and SetDefaults_HTTPGetAction() of Kubernetes' pkg/apis/core/v1.
TEST(Probes, DefaultsAreThoseOfKubernetes) {
  for (const std::string_view numbers :
       {"", ", initialDelaySeconds: 0, timeoutSeconds: 0, periodSeconds: 0, successThreshold: 0, failureThreshold: 0",
        ", timeoutSeconds: null, periodSeconds: null"}) {
    const Container app = decoded(fmt::format("    livenessProbe: {{httpGet: {{port: 80}}{}}}\n", numbers));
    ASSERT_TRUE(app.probes.liveness);
    EXPECT_EQ(app.probes.liveness->initial_delay, 0);
    EXPECT_EQ(app.probes.liveness->timeout, 1);
    EXPECT_EQ(app.probes.liveness->period, 10);
    EXPECT_EQ(app.probes.liveness->success_threshold, 1);
    EXPECT_EQ(app.probes.liveness->failure_threshold, 3);
    EXPECT_FALSE(app.probes.liveness->grace);
    EXPECT_EQ(http_of(app.probes.liveness).path, "/");
    EXPECT_EQ(http_of(app.probes.liveness).host, "");
    EXPECT_FALSE(http_of(app.probes.liveness).https);
    EXPECT_FALSE(app.probes.readiness || app.probes.startup);
  }
}

TEST(Probes, ANumberIsWrittenAsYamlHasIt) {
  EXPECT_EQ(http_of(decoded("    livenessProbe: {httpGet: {port: 0x50}}\n").probes.liveness).port.number, 80);
  EXPECT_EQ(http_of(decoded("    livenessProbe: {httpGet: {port: 80.0}}\n").probes.liveness).port.number, 80);
}

TEST(Probes, ANameIsThatOfThePortOfTheSameContainer) {
  const auto pod = parse(manifest({.spec = "  initContainers:\n"
                                           "  - name: proxy\n    image: p\n    restartPolicy: Always\n"
                                           "    ports: [{name: web, containerPort: 81}]\n"
                                           "    readinessProbe: {httpGet: {port: web}}\n",
                                   .container = "    ports: [{name: web, containerPort: 82}]\n"
                                                "    readinessProbe: {httpGet: {port: web}}\n"
                                                "    lifecycle: {preStop: {httpGet: {port: web}}}\n"}));
  ASSERT_TRUE(pod) << pod.error().front().message;
  EXPECT_EQ(http_of(pod->spec.containers.at(0).probes.readiness).port.number, 81);
  EXPECT_EQ(http_of(pod->spec.containers.at(1).probes.readiness).port.number, 82);
  EXPECT_EQ(std::get<HttpGetAction>(*pod->spec.containers.at(1).hooks.pre_stop).port.number, 82);
}

TEST(Probes, AMisspeltListOfPortsIsTheOnlyMistake) {
  EXPECT_EQ(mistakes(manifest({.container = "    port: [{name: web, containerPort: 80}]\n"
                                            "    livenessProbe: {httpGet: {port: web}}\n"}))
                .size(),
            1U);
  EXPECT_EQ(mistakes(manifest({.container = "    ports: [{name: WEB, containerPort: 80}]\n"
                                            "    livenessProbe: {httpGet: {port: web}}\n"}))
                .size(),
            1U);
}

TEST(Hooks, EveryFieldIsDecoded) {
  const Container app = decoded(
      "    lifecycle: {postStart: {exec: {command: [a, b]}}, preStop: {sleep: {seconds: 7}}, stopSignal: SIGQUIT}\n",
      "  os: {name: linux}\n");
  ASSERT_TRUE(app.hooks.post_start && app.hooks.pre_stop && app.stop_signal);
  EXPECT_EQ(std::get<ExecAction>(*app.hooks.post_start).command, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(std::get<SleepAction>(*app.hooks.pre_stop).seconds, 7);
  EXPECT_EQ(*app.stop_signal, 3);
  const Container other = decoded(
      "    lifecycle: {postStart: {httpGet: {port: 80, path: /warm}}, preStop: {tcpSocket: {port: 81}}}\n");
  EXPECT_EQ(std::get<HttpGetAction>(*other.hooks.post_start).path, "/warm");
  EXPECT_EQ(std::get<TcpSocketAction>(*other.hooks.pre_stop).port.number, 81);
  EXPECT_FALSE(other.stop_signal);
}

TEST(Hooks, AnEmptyLifecycleIsNone) {
  for (const std::string_view lifecycle : {"{}", "null", "{postStart: null, preStop: }"}) {
    const Container app = decoded(fmt::format("    lifecycle: {}\n", lifecycle));
    EXPECT_FALSE(app.hooks.post_start || app.hooks.pre_stop || app.stop_signal) << lifecycle;
  }
}

}  // namespace
}  // namespace podrun::pod
