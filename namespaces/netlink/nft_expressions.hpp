// The expressions of nf_tables that a rule consists of. A match loads what it looks at into register 1 and compares it.
#pragma once

#include "namespaces/netlink/netlink_message.hpp"
#include "pod/network/nft_table.hpp"

namespace podrun::ns {

/// Adds the expressions of a match to the list that is open in the batch. `of_device`: in a table of the family netdev,
/// where a packet has its protocol alone.
void encode_match(NetlinkBatch& batch, const pod::nft::Match& match, bool of_device = false);
/// Likewise those of a verdict.
void encode_verdict(NetlinkBatch& batch, const pod::nft::Verdict& verdict);

}  // namespace podrun::ns
