// The messages of the DNS (RFC 1035), with EDNS0 (RFC 6891). The only user of glibc's libresolv, whose functions read and
// write names and records within given bounds, and allocate nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "namespaces/resolver/lookup.hpp"

namespace podrun::resolver {

using Bytes = std::span<const unsigned char>;
using Message = std::vector<unsigned char>;

inline constexpr std::size_t shortest_message = 12, longest_query = 4096, longest_message = 65535;
/// The largest answer by UDP to a client that does not say more, and what we say.
inline constexpr std::size_t plain_udp_size = 512, our_udp_size = 1232;
/// How long an answer holds, in seconds: a pod may become ready or unready.
inline constexpr std::uint32_t time_to_live = 5;

/// Codes of answers.
enum class Rcode : std::uint16_t {
  NoError = 0, FormatError = 1, ServerFailure = 2, NoSuchName = 3, NotImplemented = 4, Refused = 5, BadVersion = 16
};

/// A query that was checked.
struct Query {
  std::uint16_t id = 0;
  bool wants_recursion = false;
  Question question{};
  std::string written_name{};             ///< as the client has written it: an answer repeats it
  bool has_edns = false;
  bool wants_dnssec = false;
  std::size_t udp_size = plain_udp_size;  ///< the largest answer by UDP that the client takes
};

/// What is answered to a message that is no query. Empty: nothing.
using QueryFault = std::optional<Rcode>;

/// Reads a query: one question of the class IN, at most longest_query bytes.
std::expected<Query, QueryFault> parse_query(Bytes bytes);

/// An answer of ours, of at most `limit` bytes; what does not fit is left out, and it is marked as truncated.
Message build_answer(const Query& query, const Answer& answer, std::size_t limit);
/// An answer without records.
Message build_error(const Query& query, Rcode code);
/// An answer to what parse_query() refuses.
Message build_fault(Bytes query, Rcode code);
/// An answer that tells the client to ask by TCP.
Message build_truncated(const Query& query);

/// A query of ours, for addresses.
Message build_query(const Question& question);
void set_id(Message& message, std::uint16_t id);

/// What an upstream has sent.
enum class ReplyKind : std::uint8_t {
  Wrong,      ///< it is no reply to the query, or broken
  Whole,      ///< well-formed
  Truncated,  ///< well-formed, and marked as truncated
  CutOff      ///< marked as truncated, and not well-formed
};
ReplyKind kind_of_reply(Bytes query, Bytes reply);
Rcode code_of(Bytes reply);

/// The addresses and aliases in the answer of a reply that is Whole. Empty: too many, or broken.
std::optional<std::vector<Record>> records_of(Bytes reply);

}  // namespace podrun::resolver
