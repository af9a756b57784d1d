// Requests of nf_tables.
#include "namespaces/netlink/nft_messages.hpp"

#include <arpa/inet.h>
#include <endian.h>
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "namespaces/netlink/nft_expressions.hpp"

namespace podrun::ns {
namespace {

// libnftnl's type of the comment in a rule's user data, which nft(8) prints. The kernel does not read it.
constexpr std::byte comment_type{0};

int type_of(int message) { return NFNL_SUBSYS_NFTABLES << 8 | message; }

nfgenmsg header_of(std::uint8_t family) { return {family, NFNETLINK_V0, 0}; }

/// What encloses a transaction: its header names the subsystem.
nfgenmsg transaction_header() { return {AF_UNSPEC, NFNETLINK_V0, htons(NFNL_SUBSYS_NFTABLES)}; }

std::uint32_t hook_number(pod::nft::Hook hook) {
  switch (hook) {
    case pod::nft::Hook::Ingress: return NF_NETDEV_INGRESS;
    case pod::nft::Hook::Prerouting: return NF_INET_PRE_ROUTING;
    case pod::nft::Hook::Input: return NF_INET_LOCAL_IN;
    case pod::nft::Hook::Forward: return NF_INET_FORWARD;
    case pod::nft::Hook::Output: return NF_INET_LOCAL_OUT;
    case pod::nft::Hook::Postrouting: return NF_INET_POST_ROUTING;
  }
  std::unreachable();
}

std::uint8_t number_of(TableFamily family) { return family == TableFamily::Inet ? NFPROTO_INET : NFPROTO_NETDEV; }

/// The table in messages: "table inet podrun5".
std::string name_of(const std::string& table, TableFamily family) {
  return fmt::format("table {} {}", family == TableFamily::Inet ? "inet" : "netdev", table);
}

void add_expressions(NetlinkBatch& batch, const pod::nft::Rule& rule, bool of_device = false) {
  batch.nest(NFTA_RULE_EXPRESSIONS, [&] {
    for (const auto& match : rule.matches) encode_match(batch, match, of_device);
    encode_verdict(batch, rule.verdict);
  });
}

void add_comment(NetlinkBatch& batch, const std::string& comment) {
  std::vector<std::byte> data{comment_type, static_cast<std::byte>(comment.size() + 1)};
  const auto text = std::as_bytes(std::span(comment.c_str(), comment.size() + 1));
  data.insert(data.end(), text.begin(), text.end());
  batch.add(NFTA_RULE_USERDATA, data);
}

}  // namespace

void begin_transaction(NetlinkBatch& batch) {
  batch.begin("begin a transaction of nftables", NFNL_MSG_BATCH_BEGIN, 0, transaction_header());
}

void end_transaction(NetlinkBatch& batch) {
  batch.begin("end a transaction of nftables", NFNL_MSG_BATCH_END, 0, transaction_header());
}

TableFamily family_of(const pod::nft::Chain& chain) {
  return is_of_device(chain) ? TableFamily::Netdev : TableFamily::Inet;
}

void add_owned_table(NetlinkBatch& batch, const std::string& table, TableFamily family) {
  batch.begin("make the " + name_of(table, family), type_of(NFT_MSG_NEWTABLE),
              NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, header_of(number_of(family)));
  batch.add_text(NFTA_TABLE_NAME, table);
  batch.add_value(NFTA_TABLE_FLAGS, htonl(NFT_TABLE_F_OWNER));
}

void delete_owned_table(NetlinkBatch& batch, const std::string& table, TableFamily family) {
  batch.begin("delete the " + name_of(table, family), type_of(NFT_MSG_DELTABLE), NLM_F_ACK,
              header_of(number_of(family)));
  batch.allow(ENOENT);
  batch.add_text(NFTA_TABLE_NAME, table);
}

void add_chain(NetlinkBatch& batch, const std::string& table, const pod::nft::Chain& chain) {
  const TableFamily family = family_of(chain);
  batch.begin(fmt::format("make the chain {} of the {}", chain.name, name_of(table, family)),
              type_of(NFT_MSG_NEWCHAIN), NLM_F_CREATE | NLM_F_EXCL, header_of(number_of(family)));
  batch.add_text(NFTA_CHAIN_TABLE, table);
  batch.add_text(NFTA_CHAIN_NAME, chain.name);
  batch.nest(NFTA_CHAIN_HOOK, [&] {
    batch.add_value(NFTA_HOOK_HOOKNUM, htonl(hook_number(chain.hook)));
    batch.add_value(NFTA_HOOK_PRIORITY, htonl(static_cast<std::uint32_t>(chain.priority)));
    if (!chain.device.empty()) batch.add_text(NFTA_HOOK_DEV, chain.device);
  });
  batch.add_value(NFTA_CHAIN_POLICY, htonl(NF_ACCEPT));
  batch.add_text(NFTA_CHAIN_TYPE, chain.type == pod::nft::ChainType::Nat ? "nat" : "filter");
}

void add_rule(NetlinkBatch& batch, const std::string& table, const pod::nft::Chain& chain, const pod::nft::Rule& rule) {
  const TableFamily family = family_of(chain);
  batch.begin(fmt::format("add a rule to the chain {} of the {}", chain.name, name_of(table, family)),
              type_of(NFT_MSG_NEWRULE), NLM_F_CREATE | NLM_F_APPEND, header_of(number_of(family)));
  batch.add_text(NFTA_RULE_TABLE, table);
  batch.add_text(NFTA_RULE_CHAIN, chain.name);
  add_expressions(batch, rule, family == TableFamily::Netdev);
}

void insert_rule(NetlinkBatch& batch, const ForeignChain& place, const pod::nft::Rule& rule,
                 const std::string& comment) {
  batch.begin(fmt::format("add a rule to the chain {}", place.chain), type_of(NFT_MSG_NEWRULE),
              NLM_F_CREATE | NLM_F_ACK, header_of(place.family));
  batch.add_text(NFTA_RULE_TABLE, place.table);
  batch.add_text(NFTA_RULE_CHAIN, place.chain);
  add_expressions(batch, rule);
  add_comment(batch, comment);
}

void delete_rule(NetlinkBatch& batch, const ForeignChain& place, std::uint64_t handle) {
  batch.begin(fmt::format("delete a rule of the chain {}", place.chain), type_of(NFT_MSG_DELRULE), NLM_F_ACK,
              header_of(place.family));
  batch.add_text(NFTA_RULE_TABLE, place.table);
  batch.add_text(NFTA_RULE_CHAIN, place.chain);
  batch.add_value(NFTA_RULE_HANDLE, htobe64(handle));
}

NetlinkBatch question_about_rules(const ForeignChain& place) {
  NetlinkBatch batch;
  batch.begin(fmt::format("read the rules of the chain {}", place.chain), type_of(NFT_MSG_GETRULE), NLM_F_DUMP,
              header_of(place.family));
  batch.add_text(NFTA_RULE_TABLE, place.table);
  batch.add_text(NFTA_RULE_CHAIN, place.chain);
  return batch;
}

std::string comment_of_rule(Bytes attributes) {
  Bytes data = find_attribute(attributes, NFTA_RULE_USERDATA).value_or(Bytes());
  while (data.size() >= 2) {
    const auto length = std::to_integer<std::size_t>(data[1]);
    if (length > data.size() - 2) return {};
    const std::string_view value(reinterpret_cast<const char*>(data.data()) + 2, length);
    if (data[0] == comment_type) return std::string(value.substr(0, value.find('\0')));
    data = data.subspan(2 + length);
  }
  return {};
}

std::uint64_t handle_of_rule(Bytes attributes) {
  return be64toh(find_value<std::uint64_t>(attributes, NFTA_RULE_HANDLE).value_or(0));
}

}  // namespace podrun::ns
