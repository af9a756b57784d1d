// Requests of nf_tables, nftables(8). Those of one batch are one transaction: all are done or none.
#pragma once

#include <cstdint>
#include <string>

#include "namespaces/netlink/netlink_message.hpp"
#include "pod/network/nft_table.hpp"

namespace podrun::ns {

/// The begin and the end of a transaction.
void begin_transaction(NetlinkBatch& batch);
void end_transaction(NetlinkBatch& batch);

/// The families of a pod's tables.
enum class TableFamily : std::uint8_t { Inet, Netdev };
/// That of the table in which a chain is.
TableFamily family_of(const pod::nft::Chain& chain);

/// Makes a table whose owner is the socket that sends this. Error EEXIST: there is one.
void add_owned_table(NetlinkBatch& batch, const std::string& table, TableFamily family);
/// Deletes a table. It is no error if there is none.
void delete_owned_table(NetlinkBatch& batch, const std::string& table, TableFamily family);
/// Makes a base chain of a table, without its rules.
void add_chain(NetlinkBatch& batch, const std::string& table, const pod::nft::Chain& chain);
/// Adds a rule at the end of such a chain.
void add_rule(NetlinkBatch& batch, const std::string& table, const pod::nft::Chain& chain, const pod::nft::Rule& rule);

/// The place of a rule in anybody's table: of the family NFPROTO_IPV4 or NFPROTO_IPV6.
struct ForeignChain {
  std::uint8_t family;
  std::string table, chain;
};
/// Adds a rule with a comment, as nft(8) shows it, at the beginning of the chain. Error ENOENT: there is no such chain.
void insert_rule(NetlinkBatch& batch, const ForeignChain& place, const pod::nft::Rule& rule,
                 const std::string& comment);
/// Deletes a rule by its handle.
void delete_rule(NetlinkBatch& batch, const ForeignChain& place, std::uint64_t handle);
/// Asks for the rules of a chain. It is no error if there is no such chain.
NetlinkBatch question_about_rules(const ForeignChain& place);
/// The comment of a rule, among the attributes of an answer. Empty: it has none.
std::string comment_of_rule(Bytes attributes);
/// The handle of a rule, likewise.
std::uint64_t handle_of_rule(Bytes attributes);

}  // namespace podrun::ns
