// Syntax rules for names, paths, references and other values. Each rule checks a single string.
#pragma once

#include <string_view>

namespace podrun::pod {

/// The requirement that a value does not meet, as the end of a sentence ("must be …"); empty if the value is valid.
using ValueError = std::string_view;

/// A syntax rule.
using TextRule = ValueError (*)(std::string_view value);

/// Accepts any string.
ValueError free_text(std::string_view value);
/// DNS-1123 label: names of namespaces, containers and volumes, the host name.
ValueError dns_label(std::string_view value);
/// DNS-1123 subdomain: the pod's name.
ValueError dns_subdomain(std::string_view value);
/// Key of a label or an annotation: [PREFIX/]NAME.
ValueError qualified_name(std::string_view value);
/// Value of a label.
ValueError label_value(std::string_view value);
/// metadata.uid, which is also the name of a directory.
ValueError pod_uid(std::string_view value);
/// Name of an environment variable: printable ASCII without '='.
ValueError env_name(std::string_view value);
/// A path on the host or in a container: absolute, without "..".
ValueError absolute_path(std::string_view value);
/// A path below a known directory: relative, without "..".
ValueError relative_path(std::string_view value);
/// The path of a file in a volume: relative, without "..", and not beginning with "..", as names of the kubelet's do.
ValueError file_path(std::string_view value);
/// A key of an env file: a name of a variable, at most 128 characters.
ValueError file_key(std::string_view value);
/// A key of a ConfigMap or Secret: letters, digits, '-', '_', '.'.
ValueError config_key(std::string_view value);
/// The name of a port: at most 15 lower-case letters, digits and '-', with at least one letter.
ValueError port_name(std::string_view value);
/// An IPv4 or IPv6 address.
ValueError ip_address(std::string_view value);
/// A kernel parameter, with '.' or '/': kernel.shm_rmid_forced.
ValueError sysctl_name(std::string_view value);
/// The mount point of a volume: an absolute path other than "/", without ':'.
ValueError mount_path(std::string_view value);
/// The image of a container: "rootfs:/DIRECTORY" or [HOST[:PORT]/]REPOSITORY[:TAG][@sha256:DIGEST].
ValueError image_reference(std::string_view value);

/// The podrun.io/network and podrun.io/network.CONTAINER annotations.
ValueError none_or_default(std::string_view value);
/// The podrun.io/systemd-ready annotation.
ValueError ready_or_started(std::string_view value);
/// The podrun.io/namespaces annotation. Only its form is checked; compose() checks it against the pod.
ValueError namespace_lines(std::string_view value);
/// The podrun.io/time-offsets annotation. Only its form is checked; compose() checks it against the pod.
ValueError offset_lines(std::string_view value);
/// The podrun.io/backoff-… annotations.
ValueError backoff_duration(std::string_view value);

}  // namespace podrun::pod
