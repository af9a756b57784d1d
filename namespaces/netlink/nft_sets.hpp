// Requests of nf_tables about the sets of a table of the family inet, and who owns a table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "namespaces/netlink/netlink_message.hpp"
#include "pod/network/nft_table.hpp"

namespace podrun::ns {

/// Makes a set of a table, without elements. `id` is another one for each set of the transaction.
void add_set(NetlinkBatch& batch, const std::string& table, const pod::nft::Set& set, std::uint32_t id);
/// Adds an element to a set. It is no error if it is there.
void add_element(NetlinkBatch& batch, const std::string& table, const pod::nft::Element& element);
/// Deletes an element. Error ENOENT: it is not there.
void delete_element(NetlinkBatch& batch, const std::string& table, const pod::nft::Element& element);
/// Asks for the elements of a set.
NetlinkBatch question_about_elements(const std::string& table, const std::string& set);
/// The elements in an answer, among its attributes; those of another form are left out.
std::vector<pod::nft::ElementValue> elements_in(Bytes attributes, const pod::nft::Set& set);

/// Asks for a table of the family inet. Error ENOENT: there is none.
NetlinkBatch question_about_table(const std::string& table);
/// The address of the socket that owns the table, netlink(7), among the attributes of an answer. Empty: nobody owns it.
std::optional<std::uint32_t> owner_of_table(Bytes attributes);

}  // namespace podrun::ns
