// Reads the HostFacts from the host, once at start; everything after that is decided from data.
#pragma once

#include <string>
#include <vector>

#include "pod/spec/host_facts.hpp"

namespace podrun::ns {

/// Never fails: if something cannot be read, its field keeps the value for "the host lacks it". `storage` is the
/// directory of the writable layers.
pod::HostFacts read_host_facts(const std::string& storage);

/// Those that a command needs which enters a running pod: control groups, the last capability.
pod::HostFacts read_facts_for_entering();

/// The host's addresses, IPv4 first, without loopback and link-local ones: HostFacts::addresses, which few pods need.
std::vector<std::string> host_addresses();

}  // namespace podrun::ns
