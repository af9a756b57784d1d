// Syntax rules for single strings of a pod's metadata, host names, resolver and volumes. value_syntax.hpp has the
// others.
#pragma once

#include "pod/spec/value_syntax.hpp"

namespace podrun::pod {

/// Key of an annotation: as that of a label, but in any case.
ValueError annotation_key(std::string_view value);
/// `hostnameOverride`: a DNS-1123 subdomain that the kernel accepts as host name.
ValueError kernel_hostname(std::string_view value);
/// `dnsConfig.searches`: ".", or a domain, which may have '_' and may end with '.'.
ValueError search_domain(std::string_view value);
/// Name or value of an option of resolv.conf(5): a word of a line.
ValueError resolver_word(std::string_view value);
/// The path of a file that podrun writes into a volume: relative, without ".."; at the top no name begins with "..",
/// because such names are the volume's own.
ValueError volume_file_path(std::string_view value);

/// Why a pod cannot have a kernel parameter, as the end of a sentence; empty if it can. Kubernetes lists those that
/// affect only the pod. Others belong to the host, and these, too, where the pod uses the host's namespace.
std::string_view sysctl_error(std::string_view name, bool host_network, bool host_ipc);

/// Why the kernel refuses a value of such a parameter, as the end of a sentence; empty if that is not certain.
std::string_view sysctl_value_error(std::string_view name, std::string_view value);

}  // namespace podrun::pod
