// What names, paths and references must look like. Each rule is about one string alone.
#pragma once

#include <string_view>

namespace podrun::pod {

/// What a value must be and is not, as the end of a sentence ("must be …"); empty if nothing is wrong.
using ValueError = std::string_view;

/// A rule for one string.
using TextRule = ValueError (*)(std::string_view value);

/// Any string.
ValueError free_text(std::string_view value);
/// DNS-1123 label: names of namespaces, containers and volumes, the host name.
ValueError dns_label(std::string_view value);
/// DNS-1123 subdomain: the pod's name.
ValueError dns_subdomain(std::string_view value);
/// Key of a label or an annotation: [PREFIX/]NAME.
ValueError qualified_name(std::string_view value);
/// Value of a label.
ValueError label_value(std::string_view value);
/// metadata.uid, which names a directory.
ValueError pod_uid(std::string_view value);
/// Name of an environment variable: printable ASCII without '='.
ValueError env_name(std::string_view value);
/// A path of the host or in a container: absolute, without "..".
ValueError absolute_path(std::string_view value);
/// A path below a directory that is known: relative, without "..".
ValueError relative_path(std::string_view value);
/// A key of a ConfigMap or Secret: letters, digits, '-', '_', '.'.
ValueError config_key(std::string_view value);
/// A port's name: at most 15 lower-case letters, digits and '-', at least one letter.
ValueError port_name(std::string_view value);
/// An IPv4 or IPv6 address, as far as its characters tell.
ValueError ip_address(std::string_view value);
/// A kernel parameter: kernel.shm_rmid_forced, or with '/'.
ValueError sysctl_name(std::string_view value);
/// Where a volume is mounted: an absolute path other than "/", without ':'.
ValueError mount_path(std::string_view value);
/// A container's image: "rootfs:/DIRECTORY" or [HOST[:PORT]/]REPOSITORY[:TAG].
ValueError image_reference(std::string_view value);

/// A capability: its name without "CAP_", or ALL.
ValueError capability_name(std::string_view value);

/// The podrun.io/network annotation.
ValueError network_none(std::string_view value);
/// The podrun.io/namespaces annotation, as far as one string can tell; what it says of the pod is compose()'s affair.
ValueError namespace_lines(std::string_view value);
/// The podrun.io/time-offsets annotation, likewise.
ValueError offset_lines(std::string_view value);
/// The podrun.io/backoff-… annotations.
ValueError backoff_duration(std::string_view value);

}  // namespace podrun::pod
