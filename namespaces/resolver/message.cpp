// The messages of the DNS.
#include "namespaces/resolver/message.hpp"

#include <arpa/nameser.h>
#include <resolv.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <utility>

#include "namespaces/resolver/message_writer.hpp"

namespace podrun::resolver {
namespace {

/// Bits of the header's flags.
constexpr std::uint16_t is_reply = 0x8000, is_authoritative = 0x0400, is_truncated = 0x0200, wants_recursion = 0x0100,
                        has_recursion = 0x0080, opcode_bits = 0x7800, code_bits = 0x000f;
constexpr std::size_t opt_size = 11;
constexpr std::uint32_t dnssec_bit = 0x8000;

/// Bounds on the work that a reply to a query of ours makes: a name may lead through the whole message.
constexpr std::size_t longest_alias_reply = 16 * 1024;
constexpr int most_alias_records = 64;
/// EDNS0 and a signature.
constexpr int most_additional = 4;

std::uint16_t flags_of(Bytes message) { return static_cast<std::uint16_t>(ns_get16(message.data() + 2)); }

std::string in_small_letters(std::string name) {
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return name;
}

/// A message's question, as it stands after the header. Empty: there is none.
struct WrittenQuestion {
  std::array<char, NS_MAXDNAME> name{};
  unsigned type = 0, klass = 0;
};
std::optional<WrittenQuestion> question_of(Bytes message) {
  WrittenQuestion question;
  const unsigned char* const begin = message.data() + NS_HFIXEDSZ;
  const unsigned char* const end = message.data() + message.size();
  const int length = dn_expand(message.data(), end, begin, question.name.data(), NS_MAXDNAME);
  if (length < 0 || end - begin < length + NS_QFIXEDSZ) return std::nullopt;
  question.type = ns_get16(begin + length);
  question.klass = ns_get16(begin + length + 2);
  return question;
}

/// Reads the EDNS0 record, if there is one. Empty: the message is broken.
std::optional<Rcode> read_edns(ns_msg& message, Query& query) {
  for (int i = 0; i < ns_msg_count(message, ns_s_ar); ++i) {
    ns_rr record;
    if (ns_parserr(&message, ns_s_ar, i, &record) < 0) return std::nullopt;
    if (ns_rr_type(record) != ns_t_opt) continue;
    if (query.has_edns || record.name[0] != '\0') return std::nullopt;
    query.has_edns = true;
    query.udp_size = std::max<std::size_t>(record.rr_class, plain_udp_size);
    query.wants_dnssec = (ns_rr_ttl(record) & dnssec_bit) != 0;
    if ((ns_rr_ttl(record) >> 16 & 0xff) != 0) return Rcode::BadVersion;
  }
  return Rcode::NoError;
}

MessageWriter begin_answer(const Query& query, std::uint16_t flags, Rcode code, std::size_t limit) {
  MessageWriter writer(std::clamp(limit, plain_udp_size, longest_message));
  flags |= static_cast<std::uint16_t>(is_reply | has_recursion | (static_cast<unsigned>(code) & code_bits));
  if (query.wants_recursion) flags |= wants_recursion;
  writer.set_header(query.id, flags);
  writer.name(query.written_name).number16(query.question.type).number16(ns_c_in);
  writer.end(MessageWriter::QuestionSection, false);
  if (query.has_edns) writer.keep_free(opt_size);
  return writer;
}

Message end_answer(MessageWriter writer, const Query& query, Rcode code) {
  if (query.has_edns) {
    writer.keep_free(0);
    writer.name("").number16(ns_t_opt).number16(our_udp_size);
    writer.number32((static_cast<std::uint32_t>(code) >> 4) << 24 | (query.wants_dnssec ? dnssec_bit : 0)).begin_data();
    writer.end(MessageWriter::AdditionalSection);
  }
  return std::move(writer).message();
}

bool write_record(MessageWriter& writer, MessageWriter::Section section, const Record& record) {
  writer.name(record.name).number16(static_cast<std::uint16_t>(record.type)).number16(ns_c_in);
  writer.number32(time_to_live).begin_data();
  if (const auto* const address = std::get_if<pod::IpAddress>(&record.data)) {
    writer.raw(address->bytes());
  } else if (const auto* const name = std::get_if<NameData>(&record.data)) {
    writer.name(name->name);
  } else if (const auto* const srv = std::get_if<SrvData>(&record.data)) {
    writer.number16(0).number16(1).number16(srv->port);  // priority and weight: all alike
    writer.name(srv->target);
  }
  return writer.end(section);
}

/// Says how long it holds that there is no record.
void write_soa(MessageWriter& writer) {
  writer.name("cluster.local").number16(ns_t_soa).number16(ns_c_in).number32(time_to_live).begin_data();
  writer.name("ns.dns.cluster.local").name("hostmaster.cluster.local").number32(1);
  writer.number32(7200).number32(1800).number32(86400).number32(time_to_live);
  writer.end(MessageWriter::AuthoritySection);
}

std::optional<Record> record_of(ns_msg& message, const ns_rr& rr) {
  Record record{in_small_letters(rr.name), static_cast<RecordType>(ns_rr_type(rr)), pod::IpAddress{}};
  const std::size_t length = ns_rr_rdlen(rr);
  if (record.type == RecordType::A || record.type == RecordType::Aaaa) {
    pod::IpAddress address{.family = record.type == RecordType::A ? pod::IpFamily::V4 : pod::IpFamily::V6};
    if (length != address.bytes().size()) return std::nullopt;
    std::copy_n(ns_rr_rdata(rr), length, address.octets.begin());
    record.data = address;
    return record;
  }
  std::array<char, NS_MAXDNAME> name{};
  if (dn_expand(ns_msg_base(message), ns_msg_end(message), ns_rr_rdata(rr), name.data(), name.size()) < 0)
    return std::nullopt;
  record.data = NameData{in_small_letters(name.data())};
  return record;
}

}  // namespace

std::expected<Query, QueryFault> parse_query(Bytes bytes) {
  // An answer to an answer could go on for ever.
  if (bytes.size() < shortest_message || (flags_of(bytes) & is_reply) != 0)
    return std::unexpected(QueryFault(std::nullopt));
  if ((flags_of(bytes) & opcode_bits) != 0) return std::unexpected(Rcode::NotImplemented);
  ns_msg message;
  if (bytes.size() > longest_query || ns_initparse(bytes.data(), static_cast<int>(bytes.size()), &message) < 0 ||
      ns_msg_count(message, ns_s_qd) != 1 || ns_msg_count(message, ns_s_an) != 0 ||
      ns_msg_count(message, ns_s_ns) != 0 || ns_msg_count(message, ns_s_ar) > most_additional)
    return std::unexpected(Rcode::FormatError);
  const auto question = question_of(bytes);
  if (!question) return std::unexpected(Rcode::FormatError);
  Query query{.id = static_cast<std::uint16_t>(ns_msg_id(message)),
              .wants_recursion = (flags_of(bytes) & wants_recursion) != 0,
              .question = {in_small_letters(question->name.data()), static_cast<std::uint16_t>(question->type)},
              .written_name = question->name.data()};
  const auto edns = read_edns(message, query);
  if (edns != Rcode::NoError) return std::unexpected(edns.value_or(Rcode::FormatError));
  const bool is_transfer = question->type == ns_t_axfr || question->type == ns_t_ixfr;
  if (question->klass != ns_c_in || is_transfer) return std::unexpected(Rcode::Refused);
  return query;
}

Message build_answer(const Query& query, const Answer& answer, std::size_t limit) {
  const Rcode code = answer.outcome == Outcome::NoSuchName ? Rcode::NoSuchName : Rcode::NoError;
  MessageWriter writer = begin_answer(query, is_authoritative, code, limit);
  for (const Record& record : answer.records)
    if (!write_record(writer, MessageWriter::AnswerSection, record)) {
      writer.add_flags(is_truncated);
      return end_answer(std::move(writer), query, code);
    }
  if (answer.records.empty() && is_in_zone(query.question.name)) write_soa(writer);
  for (const Record& record : answer.additional)
    if (!write_record(writer, MessageWriter::AdditionalSection, record)) break;
  return end_answer(std::move(writer), query, code);
}

Message build_error(const Query& query, Rcode code) {
  return end_answer(begin_answer(query, 0, code, plain_udp_size), query, code);
}

Message build_truncated(const Query& query) {
  return end_answer(begin_answer(query, is_truncated, Rcode::NoError, plain_udp_size), query, Rcode::NoError);
}

Message build_fault(Bytes bytes, Rcode code) {
  // The question is not repeated: it may be what is wrong.
  Query query{.has_edns = code == Rcode::BadVersion};
  MessageWriter writer(plain_udp_size);
  const auto flags = static_cast<std::uint16_t>(flags_of(bytes) & (opcode_bits | wants_recursion));
  writer.set_header(static_cast<std::uint16_t>(ns_get16(bytes.data())),
                    static_cast<std::uint16_t>(flags | is_reply | (static_cast<unsigned>(code) & code_bits)));
  return end_answer(std::move(writer), query, code);
}

Message build_query(const Question& question) {
  MessageWriter writer(plain_udp_size);
  writer.set_header(0, wants_recursion);
  writer.name(question.name).number16(question.type).number16(ns_c_in);
  if (!writer.end(MessageWriter::QuestionSection, false)) return {};
  return end_answer(std::move(writer), Query{.has_edns = true}, Rcode::NoError);
}

void set_id(Message& message, std::uint16_t id) { ns_put16(id, message.data()); }

ReplyKind kind_of_reply(Bytes query, Bytes reply) {
  if (reply.size() < shortest_message || ns_get16(reply.data()) != ns_get16(query.data())) return ReplyKind::Wrong;
  if ((flags_of(reply) & (is_reply | opcode_bits)) != is_reply || ns_get16(reply.data() + 4) != 1)
    return ReplyKind::Wrong;
  const auto asked = question_of(query), answered = question_of(reply);
  if (!asked || !answered || asked->type != answered->type || asked->klass != answered->klass ||
      ::strcasecmp(asked->name.data(), answered->name.data()) != 0)
    return ReplyKind::Wrong;
  ns_msg message;
  const bool is_whole = ns_initparse(reply.data(), static_cast<int>(reply.size()), &message) == 0;
  if ((flags_of(reply) & is_truncated) != 0) return is_whole ? ReplyKind::Truncated : ReplyKind::CutOff;
  return is_whole ? ReplyKind::Whole : ReplyKind::Wrong;
}

Rcode code_of(Bytes reply) { return static_cast<Rcode>(flags_of(reply) & code_bits); }

std::optional<std::vector<Record>> records_of(Bytes reply) {
  ns_msg message;
  if (reply.size() > longest_alias_reply || ns_initparse(reply.data(), static_cast<int>(reply.size()), &message) < 0)
    return std::nullopt;
  const int count = ns_msg_count(message, ns_s_an);
  if (count > most_alias_records) return std::nullopt;
  std::vector<Record> records;
  for (int i = 0; i < count; ++i) {
    ns_rr rr;
    if (ns_parserr(&message, ns_s_an, i, &rr) < 0) return std::nullopt;
    const auto type = static_cast<RecordType>(ns_rr_type(rr));
    if (ns_rr_class(rr) != ns_c_in || (type != RecordType::A && type != RecordType::Aaaa && type != RecordType::Cname))
      continue;
    auto record = record_of(message, rr);
    if (!record) return std::nullopt;
    records.push_back(std::move(*record));
  }
  return records;
}

}  // namespace podrun::resolver
