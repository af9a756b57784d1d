// Reads the HostFacts off the host, once at start: after that everything is decided from data.
#pragma once

#include <string>
#include <vector>

#include "pod/spec/host_facts.hpp"

namespace podrun::ns {

/// Never fails: what cannot be read is a fact too (the field keeps its "lacks it" value). `storage` is where the
/// writable layers will lie.
pod::HostFacts read_host_facts(const std::string& storage);

/// The host's addresses, IPv4 first, but for loopback and link-local ones: HostFacts::addresses, which few pods ask
/// for.
std::vector<std::string> host_addresses();

}  // namespace podrun::ns
