// Kubernetes' rules for the hooks, the stop signal and the restart rules of a container.
#include <gtest/gtest.h>

#include <array>

#include "tests/pod/manifest/rules/api_rules.hpp"

namespace podrun::pod {
namespace {

constexpr std::string_view handler_rule = "validation.go validateLifecycle, validateHandler";
constexpr std::string_view exec_rule = "validation.go validateExecAction";
constexpr std::string_view http_rule = "validation.go validateHTTPGetAction";
constexpr std::string_view port_rule = "validation.go ValidatePortNumOrName";
constexpr std::string_view sleep_rule = "validation.go validateSleepAction";
constexpr std::string_view signal_rule = "validation.go validateStopSignal";
constexpr std::string_view type_rule = "types.go Lifecycle: the JSON decoder's strict types";
constexpr std::string_view host_rule = "podrun's own rule: hooks resolve no names";

constexpr std::array refused_hooks{
    ApiRule{"hook without an action", "lifecycle: {postStart: {}}", "1 a hook needs one of", handler_rule},
    ApiRule{"preStop without an action", "lifecycle: {preStop: {}}", "1 a hook needs one of", handler_rule},
    ApiRule{"two actions", "lifecycle:\n  preStop:\n    exec: {command: [a]}\n    sleep: {seconds: 1}",
            "4 a hook has one of exec, httpGet, sleep, tcpSocket, not two", handler_rule},
    ApiRule{"action that is null", "lifecycle: {preStop: {sleep: null}}", "1 sleep must not be empty", handler_rule},
    ApiRule{"grpc in a hook", "lifecycle: {preStop: {exec: {command: [a]}, grpc: {port: 1}}}",
            "1 unknown field \"grpc\" in a hook", "types.go LifecycleHandler has none"},
    ApiRule{"unknown hook", "lifecycle: {preStart: {exec: {command: [a]}}}", "1 unknown field \"preStart\"",
            "fieldValidation: Strict"},
    ApiRule{"exec without a command", "lifecycle: {postStart: {exec: {}}}", "1 the field \"command\" is missing",
            exec_rule},
    ApiRule{"exec with an empty command", "lifecycle: {preStop: {exec: {command: []}}}",
            "1 command must not be empty", exec_rule},
    ApiRule{"httpGet without a port", "lifecycle: {preStop: {httpGet: {path: /quit}}}",
            "1 the field \"port\" is missing", port_rule},
    ApiRule{"httpGet of an unknown port", "lifecycle:\n  preStop:\n    httpGet: {port: web}",
            "3 the container has no port \"web\"", "podrun's own rule: the hook would fail"},
    ApiRule{"httpGet of a name", "lifecycle: {preStop: {httpGet: {port: 80, host: example.org}}}", "1 IP address",
            host_rule},
    ApiRule{"httpGet with a wrong scheme", "lifecycle: {preStop: {httpGet: {port: 80, scheme: http}}}",
            "1 did you mean \"HTTP\"?", http_rule},
    ApiRule{"tcpSocket without a port", "lifecycle: {preStop: {tcpSocket: {}}}", "1 the field \"port\" is missing",
            port_rule},
    ApiRule{"sleep without seconds", "lifecycle: {preStop: {sleep: {}}}", "1 the field \"seconds\" is missing",
            "OpenAPI: seconds is required"},
    ApiRule{"negative sleep", "lifecycle: {preStop: {sleep: {seconds: -1}}}", "1 seconds must be from 0", sleep_rule},
    ApiRule{"sleep longer than the default grace", "lifecycle: {preStop: {sleep: {seconds: 31}}}",
            "1 seconds must not exceed the pod's terminationGracePeriodSeconds (30)", sleep_rule},
    ApiRule{"postStart sleep longer than the grace", "lifecycle:\n  postStart:\n    sleep: {seconds: 31}",
            "3 seconds must not exceed", sleep_rule},
    ApiRule{"sleep as a duration", "lifecycle: {preStop: {sleep: {seconds: 5s}}}", "1 seconds \"5s\"", type_rule},
    ApiRule{"lifecycle that is a list", "lifecycle: [preStop]", "1 lifecycle must be a mapping", type_rule},
    ApiRule{"hook that is a command", "lifecycle: {preStop: [sleep, \"1\"]}", "1 preStop must be a mapping",
            type_rule},
};
constexpr std::array accepted_hooks{
    ApiRule{"no hooks", "lifecycle: {}", "", handler_rule},
    ApiRule{"nulls", "lifecycle: {postStart: null, preStop: ~, stopSignal: }", "", handler_rule},
    ApiRule{"exec", "lifecycle: {postStart: {exec: {command: [a]}}, preStop: {exec: {command: [b, c]}}}", "",
            exec_rule},
    ApiRule{"httpGet", "ports: [{name: web, containerPort: 80}]\nlifecycle: {preStop: {httpGet: {port: web}}}", "",
            http_rule},
    ApiRule{"sleep for the whole grace", "lifecycle: {preStop: {sleep: {seconds: 30}}}", "", sleep_rule},
    ApiRule{"sleep of 0", "lifecycle: {preStop: {sleep: {seconds: 0}}}", "",
            "validation.go validateSleepAction: PodLifecycleSleepActionAllowZero is stable"},
    ApiRule{"tcpSocket", "lifecycle: {preStop: {tcpSocket: {port: 80}}}", "always fails",
            "kubelet's lifecycle handlers: deprecated and not carried out"},
};

constexpr std::array refused_of_spec{
    ApiRule{"stopSignal without os", "containers:\n- {name: a, image: b, lifecycle: {stopSignal: SIGUSR1}}",
            "2 write \"os: {name: linux}\" below spec", signal_rule},
    ApiRule{"stopSignal with os: null",
            "os: null\ncontainers:\n- {name: a, image: b, lifecycle: {stopSignal: SIGUSR1}}",
            "3 stopSignal needs spec.os.name", signal_rule},
    ApiRule{"stopSignal without SIG",
            "os: {name: linux}\ncontainers:\n- {name: a, image: b, lifecycle: {stopSignal: TERM}}",
            "3 did you mean \"SIGTERM\"?", signal_rule},
    ApiRule{"stopSignal in lower case",
            "os: {name: linux}\ncontainers:\n- {name: a, image: b, lifecycle: {stopSignal: sigquit}}",
            "3 did you mean \"SIGQUIT\"?", signal_rule},
    ApiRule{"number as stopSignal",
            "os: {name: linux}\ncontainers:\n- {name: a, image: b, lifecycle: {stopSignal: 15}}",
            "3 stopSignal must be a string", type_rule},
    ApiRule{"quoted number as stopSignal",
            "os: {name: linux}\ncontainers:\n- {name: a, image: b, lifecycle: {stopSignal: \"3\"}}",
            "3 did you mean \"SIGQUIT\"?", signal_rule},
    ApiRule{"unknown stopSignal",
            "os: {name: linux}\ncontainers:\n- {name: a, image: b, lifecycle: {stopSignal: SIGFOO}}",
            "3 must be a signal, such as SIGQUIT", signal_rule},
    ApiRule{"real-time signal beyond the last",
            "os: {name: linux}\ncontainers:\n- {name: a, image: b, lifecycle: {stopSignal: SIGRTMIN+16}}",
            "3 must be a signal", signal_rule},
    ApiRule{"signal of Windows",
            "os: {name: linux}\ncontainers:\n- {name: a, image: b, lifecycle: {stopSignal: SIGBREAK}}",
            "3 must be a signal", signal_rule},
    ApiRule{"sleep longer than a grace of the pod",
            "terminationGracePeriodSeconds: 5\ncontainers:\n- {name: a, image: b, lifecycle: {preStop: {sleep: "
            "{seconds: 6}}}}",
            "3 seconds must not exceed the pod's terminationGracePeriodSeconds (5)", sleep_rule},
    ApiRule{"wrong grace and a sleep",
            "terminationGracePeriodSeconds: -1\ncontainers:\n- {name: a, image: b, lifecycle: {preStop: {sleep: "
            "{seconds: 60}}}}",
            "1 terminationGracePeriodSeconds must be from 0", "validation.go validateSleepAction: gracePeriod is nil"},
};
constexpr std::array accepted_of_spec{
    ApiRule{"stopSignal", "os: {name: linux}\ncontainers:\n- {name: a, image: b, lifecycle: {stopSignal: SIGUSR1}}",
            "", signal_rule},
    ApiRule{"real-time signals",
            "os: {name: linux}\ncontainers:\n- {name: a, image: b, lifecycle: {stopSignal: SIGRTMIN+3}}\n"
            "- {name: c, image: b, lifecycle: {stopSignal: SIGRTMAX-14}}",
            "", signal_rule},
    ApiRule{"SIGKILL", "os: {name: linux}\ncontainers:\n- {name: a, image: b, lifecycle: {stopSignal: SIGKILL}}", "",
            signal_rule},
    ApiRule{"empty stopSignal", "containers:\n- {name: a, image: b, lifecycle: {stopSignal: \"\"}}", "",
            "podrun's own rule: as no signal"},
    ApiRule{"sleep within a long grace",
            "terminationGracePeriodSeconds: 90\ncontainers:\n- {name: a, image: b, lifecycle: {preStop: {sleep: "
            "{seconds: 60}}}}",
            "", sleep_rule},
};

constexpr std::string_view restart_rule = "validation.go validateContainerRestartPolicy";
constexpr std::array refused_rules{
    ApiRule{"unknown action",
            "restartPolicy: Never\nrestartPolicyRules: [{action: Stop, exitCodes: {operator: In, values: [1]}}]",
            "2 one of Restart, RestartAllContainers", restart_rule},
    ApiRule{"no action", "restartPolicy: Never\nrestartPolicyRules: [{exitCodes: {operator: In, values: [1]}}]",
            "2 the field \"action\" is missing", restart_rule},
    ApiRule{"all containers without a policy",
            "restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: In, values: [1]}}]",
            "1 the container's own restartPolicy", restart_rule},
    ApiRule{"all containers without exit codes",
            "restartPolicy: Never\nrestartPolicyRules: [{action: RestartAllContainers}]",
            "2 the field \"exitCodes\" is missing", restart_rule},
    ApiRule{"policy that is null",
            "restartPolicy: null\nrestartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}]",
            "2 the container's own restartPolicy", restart_rule},
};
constexpr std::array accepted_rules{
    ApiRule{"all containers",
            "restartPolicy: Never\nrestartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: NotIn, "
            "values: [0, 1]}}]",
            "", "validation.go validateContainerRestartPolicy: RestartAllContainersOnContainerExits"},
};

TEST(HookRules, HooksAreThoseOfTheApiServer) {
  expect_refused(refused_hooks, in_container);
  expect_accepted(accepted_hooks, in_container);
}

TEST(HookRules, StopSignalsAndSleepsFitThePod) {
  expect_refused(refused_of_spec, in_spec);
  expect_accepted(accepted_of_spec, in_spec);
}

TEST(RestartRules, ActionsAreThoseOfTheApiServer) {
  expect_refused(refused_rules, in_container);
  expect_accepted(accepted_rules, in_container);
}

}  // namespace
}  // namespace podrun::pod
