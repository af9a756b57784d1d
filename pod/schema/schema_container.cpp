// The tables of a container and of types that only a container uses.
#include <fmt/format.h>

#include "pod/schema/schema_types.hpp"
#include "pod/spec/capabilities.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;

constexpr auto shown = used("Parse.AWholeManifestIsParsed");
constexpr auto probed = used("Probes.EveryFieldIsDecoded");
constexpr auto hooked = used("Hooks.EveryFieldIsDecoded");

/// Exit codes.
struct ExitCodes {
  static constexpr std::string_view type = "[]int32";
  void decode(const yaml::Node& node, const FieldLabel& label, std::vector<int>& into,
              DiagnosticCollector& report) const {
    std::vector<std::int64_t> codes;
    Integers{.each = {.least = 0, .most = 255, .type = "int32"}}.decode(node, label, codes, report);
    into.assign(codes.begin(), codes.end());
  }
};

constexpr Text image_text{image_reference,
                          "podrun's own rule: an image is NAME[:TAG][@DIGEST], or rootfs:/DIRECTORY"};
constexpr Text path_text{absolute_path, "podrun's own rule: it must be one place, whatever links the image has"};
constexpr Text port_name_text{port_name};
constexpr Text ip_text{ip_address, "podrun's own rule: the field is for an address"};
constexpr Integer port{.least = 1, .most = 65535, .type = "int32"};
constexpr Integer host_port{.least = 0, .most = 65535, .type = "int32"};
constexpr Choice protocols{std::array{std::pair{"TCP"sv, Protocol::Tcp}, std::pair{"UDP"sv, Protocol::Udp},
                                      std::pair{"SCTP"sv, Protocol::Sctp}}};
constexpr Choice message_policies{
    std::array{std::pair{"File"sv, TerminationMessagePolicy::File},
               std::pair{"FallbackToLogsOnError"sv, TerminationMessagePolicy::FallbackToLogsOnError}}};
constexpr Choice restart_policies{std::array{std::pair{"Always"sv, RestartPolicy::Always},
                                             std::pair{"OnFailure"sv, RestartPolicy::OnFailure},
                                             std::pair{"Never"sv, RestartPolicy::Never}}};
constexpr Choice exit_code_operators{
    std::array{std::pair{"In"sv, RestartRule::Operator::In}, std::pair{"NotIn"sv, RestartRule::Operator::NotIn}}};
constexpr ExitCodes exit_codes{};
constexpr Choice restart_actions{
    std::array{std::pair{"Restart"sv, RestartRule::Action::Restart},
               std::pair{"RestartAllContainers"sv, RestartRule::Action::RestartAllContainers}}};
/// Decodes one of a container's probes.
template <std::optional<Probe> Probes::*Which>
struct ProbeOf {
  static constexpr std::string_view type = Schema<Probe>::list.substr(2);
  void decode(const yaml::Node& node, const FieldLabel& label, Probes& into, DiagnosticCollector& report) const {
    object<Probe>.decode(node, label, into.*Which, report);
  }
};
constexpr ProbeOf<&Probes::liveness> liveness{};
constexpr ProbeOf<&Probes::readiness> readiness{};
constexpr ProbeOf<&Probes::startup> startup{};
constexpr auto proc_mounts = only("Default");
constexpr Choice resize_resources{std::array{std::pair{"cpu"sv, ""sv}, std::pair{"memory"sv, ""sv}}};
constexpr Choice resize_restarts{std::array{std::pair{"NotRequired"sv, ""sv}, std::pair{"RestartContainer"sv, ""sv}}};

/// A list of capabilities in any case, which is decoded into the names that podrun uses.
struct CapabilityNames {
  static constexpr std::string_view type = "[]string";
  void decode(const yaml::Node& node, const FieldLabel& label, std::vector<std::string>& into,
              DiagnosticCollector& report) const {
    if (node.kind != yaml::Kind::Sequence) return report_kind(node, label, "a list", report);
    for (std::size_t i = 0; i < node.items.size(); ++i)
      decode_item(*node.items[i], {.field = label.field, .index = i}, into, report);
  }

 private:
  static void decode_item(const yaml::Node& item, const FieldLabel& label, std::vector<std::string>& into,
                     DiagnosticCollector& report) {
    const std::string* text = string_in(item, label, report);
    if (text == nullptr) return;
    std::string name = canonical_capability(*text);
    if (name.empty()) return report_unknown(item, label, report);
    if (name.size() < text->size())
      report.warn(item.at, fmt::format("{} is taken as {}: in Kubernetes, names have no CAP_, and containerd ignores "
                                       "one that has it",
                                       *text, name));
    into.push_back(std::move(name));
  }
  static void report_unknown(const yaml::Node& item, const FieldLabel& label, DiagnosticCollector& report) {
    std::vector<std::string_view> known(capability_names_by_number.begin(), capability_names_by_number.end());
    known.push_back("ALL");
    const std::string upper = canonical_case(item.text);
    const std::string_view meant = nearest(upper, known);
    report.add(item.at, fmt::format("{} {} must be ALL or a capability, such as NET_ADMIN", label.text(),
                                    in_quotes(item.text)),
               meant.empty() ? "podrun's own rule: a runtime of Kubernetes would ignore it"
                             : fmt::format("did you mean \"{}\"?", meant));
  }
};
constexpr CapabilityNames capability_texts{};

constexpr std::array container_rows{
    row<&Container::name, label_text>("name", required, shown, "The container's name, unlike any other's in the pod."),
    row<&Container::image, image_text>("image", required, shown,
                                       "NAME[:TAG][@DIGEST], or rootfs:/DIRECTORY: see IMAGES."),
    row<&Container::pull_policy, pull_policies>(
        "imagePullPolicy", defaults_to("Always if the tag is latest or none, else IfNotPresent"),
        used("PullPolicies.TheDefaultDependsOnTheTag"), "When a start asks the registry for the image: see IMAGES."),
    row<&Container::command, any_texts>("command", defaults_to("the image's Entrypoint"),
                                        used("Command.ACommandDropsTheImagesCmd"),
                                        "The program and its first arguments; drops the image's Cmd."),
    row<&Container::args, any_texts>("args", defaults_to("the image's Cmd"),
                                     used("Command.ArgsKeepTheImagesEntrypoint"), "The arguments after the command."),
    row<&Container::working_dir, path_text>(
        "workingDir", defaults_to("the image's, else /"),
        used("ContainerView.TheWorkingDirectoryIsTheManifestsAndMadeIfMissing"),
        "The directory the command starts in."),
    row<&Container::env, objects<EnvVar>>(
        "env", optional, used("Environment.AValueExpandsReferencesToEarlierEntriesOnly"),
        "Environment variables, added to the image's; of equal names the last one holds."),
    row<&Container::env_from, objects<EnvFrom>>(
        "envFrom", optional, used("Variables.EnvFromVariablesGetTheirPrefix"),
        "ConfigMaps and Secrets whose keys become variables, before those of env."),
    row<&Container::volume_mounts, objects<VolumeMount>>("volumeMounts", optional, shown,
                                                         "The volumes that the container sees."),
    unused("volumeDevices", "[]VolumeDevice",
           refused("claims are directories, not devices", "mount the device with a hostPath of type BlockDevice")),
    row<&Container::security_context, object<SecurityContext>>("securityContext", optional, shown,
                                                               "With which rights it runs."),
    row<&Container::ports, objects<ContainerPort>>("ports", optional,
                                                   used("PodNetworks.AHostPortIsPublishedByTheNetworkOfItsContainer"),
                                                   "The ports it listens on, and ports of the host that lead to them."),
    row<&Container::resources, object<Resources>>("resources", optional, shown, "What it asks for and may use."),
    unused("resizePolicy", "[]ContainerResizePolicy", no_effect("resources of a running pod do not change")),
    row<&Container::standard_input, boolean>("stdin", defaults_to("false"),
                                             used("Attach.AClientsInputReachesTheContainer"),
                                             "Whether it can be sent what it reads, by podrun attach."),
    row<&Container::standard_input_once, boolean>(
        "stdinOnce", defaults_to("false"), used("Attach.StdinOnceIsClosedWithItsFirstClient"),
        "Whether stdin is closed when the first who attached leaves; not that of a terminal."),
    row<&Container::tty, boolean>("tty", defaults_to("false"),
                                  used("AttachTerminal.TheTerminalIsTheContainersControllingTerminal"),
                                  "Whether stdin, stdout and stderr are a terminal."),
    row<&Container::termination_message_path, path_from_root>(
        "terminationMessagePath", defaults_to("/dev/termination-log"),
        used("TerminationMessage.TheMessageIsTheContentOfTheFile"),
        "The file whose end becomes the message of the container's."),
    row<&Container::termination_message_policy, message_policies>(
        "terminationMessagePolicy", defaults_to("File"),
        used("TerminationMessage.TheMessageOfAFailureFallsBackToTheLog"),
        "FallbackToLogsOnError takes the log's end where a failed container wrote no message."),
    row<&Container::probes, liveness>("livenessProbe", optional, probed,
                                      "Ends the container when it fails; a restart depends on the policy."),
    row<&Container::probes, readiness>("readinessProbe", optional, probed, "Says whether the container is ready."),
    row<&Container::probes, startup>("startupProbe", optional, probed,
                                     "Says when it is started; the other probes begin then. A failure ends it."),
    row_of<object<Container, LifecycleOf>>(&decode_whole<Container, object<Container, LifecycleOf>>, "lifecycle",
                                           optional, hooked, "What is run after its start and before its stop."),
    row<&Container::restart_policy, restart_policies>(
        "restartPolicy", defaults_to("the pod's"), used("RootLifecycle.AContainerHasARestartPolicyOfItsOwn"),
        "After which exits it is started again; an init container with Always goes on beside the others."),
    row<&Container::restart_rules, objects<RestartRule>>(
        "restartPolicyRules", optional, used("RootLifecycle.AContainerIsRestartedByItsRules"),
        "Exit codes after which it is started again, whatever its restartPolicy."),
};

constexpr auto published = used("PodNetworks.AHostPortIsPublishedByTheNetworkOfItsContainer");
constexpr std::array port_rows{
    row<&ContainerPort::container_port, port>("containerPort", required, published, "The port in the pod."),
    row<&ContainerPort::host_ip, ip_text>("hostIP", defaults_to("all addresses"), published,
                                          "The address of the host."),
    row<&ContainerPort::host_port, host_port>("hostPort", optional, published,
                                              "The port of the host that leads to it: with hostNetwork, the same."),
    row<&ContainerPort::name, port_name_text>("name", optional, shown, "Its name, unlike any other in the container."),
    row<&ContainerPort::protocol, protocols>("protocol", defaults_to("TCP"), published, "TCP, UDP or SCTP."),
};

constexpr auto rules = used("RootLifecycle.AContainerIsRestartedByItsRules");
constexpr std::array restart_rule_rows{
    row<&RestartRule::action, restart_actions>(
        "action", required, rules, "Restart, or RestartAllContainers: the pod begins anew, init containers included."),
    row_of<object<RestartRule, ExitCodesOf>>(&decode_whole<RestartRule, object<RestartRule, ExitCodesOf>>, "exitCodes",
                                             required, rules, "Which exit codes it is for."),
};
constexpr std::array exit_code_rows{
    row<&RestartRule::exit_codes, exit_code_operators>("operator", required, rules, "In or NotIn."),
    row<&RestartRule::values, exit_codes>("values", optional, rules, "The exit codes, from 0 to 255."),
};

constexpr auto sums = used("Resources.ThePodsResourcesAreTheSumsOfItsContainers");
constexpr std::array resources_rows{
    unused("claims", "[]ResourceClaim", refused("podrun hands out no devices", "mount the device with a hostPath")),
    row<&Resources::limits, amounts>("limits", optional, sums, "The most it may use; checked, and not yet enforced."),
    row<&Resources::requests, amounts>("requests", defaults_to("the limits"), sums, "What it needs at least."),
};

constexpr std::array capabilities_rows{
    row<&Capabilities::add, capability_texts>("add", optional, used("ComposedPod.CapabilitiesAreAddedAndDropped"),
                                              "Capabilities beside the default ones, in any case, or ALL."),
    row<&Capabilities::drop, capability_texts>("drop", optional, used("ComposedPod.CapabilitiesAreAddedAndDropped"),
                                               "Default capabilities it does without, in any case, or ALL."),
};

constexpr std::array resize_rows{
    verified<std::string_view, resize_resources>("resourceName", required, {}, "cpu or memory."),
    verified<std::string_view, resize_restarts>("restartPolicy", required, {}, "NotRequired or RestartContainer."),
};

constexpr std::array security_rows{
    row<&SecurityContext::run_as_user, id>("runAsUser", defaults_to("the image's user"),
                                           used("ContainerRights.IdsAreThoseOfTheManifest"),
                                           "The user id of the container's process."),
    row<&SecurityContext::run_as_group, id>("runAsGroup", defaults_to("the image's group"),
                                            used("ContainerRights.IdsAreThoseOfTheManifest"),
                                            "The group id of the container's process."),
    row<&SecurityContext::run_as_non_root, boolean>("runAsNonRoot", defaults_to("false"),
                                                    used("Identity.RunAsNonRootRefusesRoot"),
                                                    "true refuses to start as user 0."),
    row<&SecurityContext::read_only_root_filesystem, boolean>(
        "readOnlyRootFilesystem", defaults_to("false"), used("ContainerRights.AReadOnlyRootCannotBeWritten"),
        "Whether the root is mounted read-only; volumes stay as their mounts say."),
    row<&SecurityContext::allow_privilege_escalation, boolean>(
        "allowPrivilegeEscalation", defaults_to("true"),
        used("ContainerRights.ASetUserIdProgramObeysAllowPrivilegeEscalation"),
        "false sets no_new_privs, so that set-user-ID programs gain nothing."),
    row<&SecurityContext::privileged, boolean>(
        "privileged", defaults_to("false"), used("ComposedPod.APrivilegedContainerHasAllCapabilitiesAndCanMount"),
        "Every capability, nothing of /proc and /sys hidden, the host's devices; for what is trusted like root."),
    row<&SecurityContext::capabilities, object<Capabilities>>("capabilities", optional,
                                                              used("ComposedPod.CapabilitiesAreAddedAndDropped"),
                                                              "Which of root's powers it has, capabilities(7)."),
    verified<std::string_view, proc_mounts>("procMount", defaults_to("Default"),
                                            no_effect("/proc is always masked as by default"), "Default."),
    row<&SecurityContext::seccomp_profile, object<SeccompProfile>>(
        "seccompProfile", defaults_to("Unconfined"), used("SeccompFilters.AFilterRefusesWhatItsProfileRefuses"),
        "Which system calls are refused."),
    unused("appArmorProfile", "AppArmorProfile", no_effect("podrun loads no AppArmor profile")),
    unused("seLinuxOptions", "SELinuxOptions", refused("podrun sets no SELinux labels", "leave it out")),
    unused("windowsOptions", "WindowsSecurityContextOptions", refused("this is Linux", "leave it out")),
};

}  // namespace

constinit const Table resize_policy_table{"ContainerResizePolicy", "a resizePolicy", resize_rows};
constinit const Table Schema<Container>::table{"Container", "a container", container_rows};
constinit const Table Schema<RestartRule>::table{"ContainerRestartRule", "a restart rule", restart_rule_rows};
constinit const Table Schema<RestartRule, ExitCodesOf>::table{"ContainerRestartRuleOnExitCodes", "exitCodes",
                                                              exit_code_rows};
constinit const Table Schema<ContainerPort>::table{"ContainerPort", "a port", port_rows};
constinit const Table Schema<Resources>::table{"ResourceRequirements", "resources", resources_rows};
constinit const Table Schema<Capabilities>::table{"Capabilities", "capabilities", capabilities_rows};
constinit const Table Schema<SecurityContext>::table{"SecurityContext", "a security context", security_rows};

}  // namespace podrun::pod
