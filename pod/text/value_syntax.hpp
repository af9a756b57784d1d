// What names, paths and references must look like. Each rule is about one string alone.
#pragma once

#include <string_view>

namespace podrun::pod {

/// What a value must be and is not, as the end of a sentence ("must be …"); empty if nothing is wrong.
using Complaint = std::string_view;

/// A rule for one string.
using TextRule = Complaint (*)(std::string_view value);

/// Any string.
Complaint free_text(std::string_view value);
/// DNS-1123 label: names of namespaces, containers and volumes, the host name.
Complaint dns_label(std::string_view value);
/// DNS-1123 subdomain: the pod's name.
Complaint dns_subdomain(std::string_view value);
/// Key of a label or an annotation: [PREFIX/]NAME.
Complaint qualified_name(std::string_view value);
/// Value of a label.
Complaint label_value(std::string_view value);
/// metadata.uid, which names a directory.
Complaint pod_uid(std::string_view value);
/// Name of an environment variable: printable ASCII without '='.
Complaint env_name(std::string_view value);
/// A path of the host or in a container: absolute, without "..".
Complaint absolute_path(std::string_view value);
/// A path below a directory that is known: relative, without "..".
Complaint relative_path(std::string_view value);
/// A key of a ConfigMap or Secret: letters, digits, '-', '_', '.'.
Complaint config_key(std::string_view value);
/// A port's name: at most 15 lower-case letters, digits and '-', at least one letter.
Complaint port_name(std::string_view value);
/// An IPv4 or IPv6 address, as far as its characters tell.
Complaint ip_address(std::string_view value);
/// A kernel parameter: kernel.shm_rmid_forced, or with '/'.
Complaint sysctl_name(std::string_view value);
/// Where a volume is mounted: an absolute path other than "/", without ':'.
Complaint mount_path(std::string_view value);
/// A container's image: "rootfs:/DIRECTORY" or [HOST[:PORT]/]REPOSITORY[:TAG].
Complaint image_reference(std::string_view value);

/// A capability: its name without "CAP_", or ALL.
Complaint capability_name(std::string_view value);

/// The podrun.io/network annotation.
Complaint network_none(std::string_view value);
/// The podrun.io/namespaces annotation, as far as one string can tell; what it says of the pod is compose()'s affair.
Complaint namespace_lines(std::string_view value);
/// The podrun.io/time-offsets annotation, likewise.
Complaint offset_lines(std::string_view value);
/// The podrun.io/backoff-… annotations.
Complaint backoff_duration(std::string_view value);

}  // namespace podrun::pod
