// Kernel parameters, sysctl(8).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pod/text/result.hpp"

namespace podrun::ns {

/// The value of a parameter, in one line; several numbers are separated by spaces. `name` is as below /proc/sys:
/// "net/ipv4/ip_forward"; no link and no ".." leads out of that. One below net/ is that of the caller's network
/// namespace. ENOENT: there is none.
Result<std::string> read_parameter(const std::string& name);
Result<> write_parameter(const std::string& name, std::string_view value);

/// The network namespace in which a parameter of that name is this process's; 0 if it is the host's.
Result<std::uint64_t> network_of_parameter(const std::string& name);

}  // namespace podrun::ns
