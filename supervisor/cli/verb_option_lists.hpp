// Which command has which options, in the order of the help.
#pragma once

#include <array>

#include "supervisor/cli/verb_options.hpp"

namespace podrun::supervisor::option {

inline constexpr std::array no_verb_options{&root, &help, &version};
inline constexpr std::array run_options{&detach,  &wait, &replace, &pull,               &file, &only_pod,
                                        &lenient, &raw,  &manifest_namespace, &root, &help};
inline constexpr std::array stop_options{&grace, &all_running, &file_of_pods, &namespace_, &root, &help};
inline constexpr std::array rm_options{&force,     &all_ended,  &grace, &long_file_of_pods,
                                       &leftovers, &namespace_, &root,  &help};
inline constexpr std::array check_options{&verbose, &file, &only_pod, &lenient, &manifest_namespace,
                                          &output,  &root, &help};
inline constexpr std::array plan_options{&file, &only_pod, &lenient, &manifest_namespace, &output, &root, &help};
inline constexpr std::array script_options{&file, &only_pod, &lenient, &manifest_namespace, &root, &help};
inline constexpr std::array info_options{&output, &root, &help};
inline constexpr std::array network_options{&timeline_output, &root, &help};
inline constexpr std::array schema_options{&root, &help};
inline constexpr std::array volumes_options{&namespace_, &output, &root, &help};
inline constexpr std::array ps_options{&all, &quiet, &only_namespace, &all_namespaces, &ps_output, &root, &help};
inline constexpr std::array logs_options{&follow,    &previous, &tail,   &since,          &until,
                                         &timestamps, &container, &prefix, &all_containers, &raw,
                                         &namespace_, &root,      &help};
inline constexpr std::array exec_options{&container, &input, &terminal, &kinds, &namespace_, &root_or_host, &help};
inline constexpr std::array attach_options{&container, &input, &own_terminal, &namespace_, &root, &help};
inline constexpr std::array debug_options{&image, &target, &input, &terminal, &namespace_, &root, &help};
inline constexpr std::array ns_options{&verify, &namespace_, &ns_output, &root, &help};
inline constexpr std::array timeline_options{&namespace_, &timeline_output, &root, &help};
inline constexpr std::array status_options{&namespace_, &status_output, &root, &help};
inline constexpr std::array events_options{&follow_events, &namespace_, &output, &root, &help};
inline constexpr std::array why_options{&container, &namespace_, &root, &help};
inline constexpr std::array wait_options{&awaited, &timeout, &namespace_, &root, &help};
inline constexpr std::array image_options{&root, &help};
inline constexpr std::array image_ls_options{&images_quiet, &output, &root, &help};
inline constexpr std::array image_json_options{&output, &root, &help};
inline constexpr std::array image_prune_options{&all_unused, &dry_run, &never_asks, &root, &help};
inline constexpr std::array image_pull_options{&pull_policy, &platform, &creds, &authfile, &tls_verify, &patience,
                                               &pull_quiet,  &root,     &help};
inline constexpr std::array image_load_options{&image_name, &platform, &pull_quiet, &root, &help};
inline constexpr std::array supervise_options{&root};

}  // namespace podrun::supervisor::option
