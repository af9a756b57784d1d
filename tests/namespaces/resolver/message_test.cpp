// Messages of the DNS, right and wrong ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "namespaces/resolver/address_names.hpp"
#include "namespaces/resolver/message.hpp"

namespace podrun::resolver {
namespace {

Message bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

using namespace std::string_view_literals;

constexpr auto header = "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"sv, web = "\x03WeB\x00\x00\x01\x00\x01"sv,
               edns = "\x00\x00\x29\x10\x00\x00\x00\x80\x00\x00\x00"sv;

Message query_for_web() { return bytes_of(std::string(header) + std::string(web)); }

Message query_with_edns(std::string_view record = edns) {
  Message message = bytes_of(std::string(header) + std::string(web) + std::string(record));
  message[11] = 1;
  return message;
}

Answer addresses(int count) {
  Answer answer;
  for (int i = 0; i < count; ++i)
    answer.records.push_back({"web", RecordType::A, *address_of("10.77.0." + std::to_string(i % 250))});
  return answer;
}

Rcode fault_of(const Message& message) {
  const auto query = parse_query(message);
  if (query) return Rcode::NoError;
  EXPECT_TRUE(query.error()) << "it is not answered at all";
  return query.error().value_or(Rcode::NoError);
}

unsigned count_at(const Message& message, std::size_t at) { return message[at] * 256U + message[at + 1]; }
bool is_cut(const Message& message) { return (message[2] & 0x02) != 0; }

}  // namespace

TEST(DnsMessage, AQueryIsRead) {
  const auto query = parse_query(query_for_web());
  ASSERT_TRUE(query);
  EXPECT_EQ(query->id, 0x1234);
  EXPECT_EQ(query->question.name, "web");
  EXPECT_EQ(query->written_name, "WeB");
  EXPECT_EQ(query->question.type, 1);
  EXPECT_TRUE(query->wants_recursion);
  EXPECT_FALSE(query->has_edns);
  EXPECT_EQ(query->udp_size, 512U);
  const auto extended = parse_query(query_with_edns());
  ASSERT_TRUE(extended);
  EXPECT_TRUE(extended->has_edns);
  EXPECT_TRUE(extended->wants_dnssec);
  EXPECT_EQ(extended->udp_size, 4096U);
}

TEST(DnsMessage, WhatIsNoQueryGetsItsError) {
  const auto changed = [](std::size_t at, unsigned char value) {
    Message message = query_for_web();
    message[at] = value;
    return message;
  };
  EXPECT_EQ(fault_of(changed(2, 0x29)), Rcode::NotImplemented);  // an update
  EXPECT_EQ(fault_of(changed(5, 0)), Rcode::FormatError);        // no question
  EXPECT_EQ(fault_of(changed(5, 2)), Rcode::FormatError);        // two
  EXPECT_EQ(fault_of(changed(7, 1)), Rcode::FormatError);        // an answer, which is not there
  EXPECT_EQ(fault_of(changed(11, 1)), Rcode::FormatError);
  EXPECT_EQ(fault_of(changed(12, 0xc0)), Rcode::FormatError);    // a name that is beyond the end
  EXPECT_EQ(fault_of(changed(18, 252)), Rcode::Refused);         // AXFR
  EXPECT_EQ(fault_of(changed(20, 3)), Rcode::Refused);           // the class CHAOS
  EXPECT_EQ(fault_of(query_with_edns("\x00\x00\x29\x10\x00\x00\x01\x00\x00\x00\x00"sv)), Rcode::BadVersion);
  Message too_long = query_for_web();
  too_long.resize(longest_query + 1);
  EXPECT_EQ(fault_of(too_long), Rcode::FormatError);
}

TEST(DnsMessage, RepliesAndScrapsAreNotAnswered) {
  Message reply = query_for_web();
  reply[2] |= 0x80;
  for (const Message& message : {Message{}, Message(11, 0), reply}) {
    const auto query = parse_query(message);
    ASSERT_FALSE(query);
    EXPECT_FALSE(query.error());
  }
}

TEST(DnsMessage, ANameThatLeadsToItselfIsAnError) {
  for (const auto name : {"\xc0\x0c\x00\x01\x00\x01"sv, "\x01""a\xc0\x0c\x00\x01\x00\x01"sv})
    EXPECT_EQ(fault_of(bytes_of(std::string(header) + std::string(name))), Rcode::FormatError);
}

TEST(DnsMessage, AnAnswerRepeatsTheQuestionAsItWasWritten) {
  const Message query = query_for_web(), answer = build_answer(*parse_query(query), addresses(2), 512);
  EXPECT_TRUE(std::equal(query.begin() + 12, query.end(), answer.begin() + 12));
  EXPECT_EQ(kind_of_reply(query, answer), ReplyKind::Whole);
  EXPECT_EQ(count_at(answer, 6), 2U);
  // Two records of 16 bytes: each name is a reference to the question's.
  EXPECT_EQ(answer.size(), query.size() + 32);
  const auto records = records_of(answer);
  ASSERT_TRUE(records);
  EXPECT_EQ(*records, addresses(2).records);
}

TEST(DnsMessage, WhatDoesNotFitIsLeftOutAndSaid) {
  for (std::size_t limit = 512; limit < 700; ++limit) {
    const Message answer = build_answer(*parse_query(query_with_edns()), addresses(100), limit);
    EXPECT_LE(answer.size(), limit);
    EXPECT_GT(answer.size() + 16, limit);
    EXPECT_TRUE(is_cut(answer));
    EXPECT_EQ(kind_of_reply(query_with_edns(), answer), ReplyKind::Truncated);
    EXPECT_EQ(count_at(answer, 10), 1U) << "EDNS0";
  }
  const Message whole = build_answer(*parse_query(query_with_edns()), addresses(100), longest_message);
  EXPECT_FALSE(is_cut(whole));
  EXPECT_EQ(count_at(whole, 6), 100U);
}

TEST(DnsMessage, ASrvRecordThatDoesNotFitLeavesNoReferenceBehind) {
  Answer answer;
  for (int i = 0; i < 40; ++i) {
    const std::string target = "pod-" + std::to_string(i) + ".redis.default.svc.cluster.local";
    answer.records.push_back({"web", RecordType::Srv, SrvData{80, target}});
    answer.additional.push_back({target, RecordType::A, *address_of("10.77.0.3")});
  }
  for (std::size_t limit = 512; limit < 4000; ++limit) {
    const Message message = build_answer(*parse_query(query_for_web()), answer, limit);
    EXPECT_LE(message.size(), limit);
    EXPECT_NE(kind_of_reply(query_for_web(), message), ReplyKind::Wrong);
    EXPECT_EQ(is_cut(message), count_at(message, 6) < 40);
  }
}

TEST(DnsMessage, ANegativeAnswerSaysHowLongItHolds) {
  Message query = bytes_of(std::string(header) + "\x07""cluster\x05local" + std::string("\x00\x00\x01\x00\x01", 5));
  const Message none = build_answer(*parse_query(query), {.outcome = Outcome::NoSuchName}, 512);
  EXPECT_EQ(code_of(none), Rcode::NoSuchName);
  EXPECT_EQ(count_at(none, 8), 1U);
  EXPECT_EQ(none.back(), time_to_live);
}

TEST(DnsMessage, AReplyMustFitTheQuery) {
  const Message query = query_for_web(), reply = build_answer(*parse_query(query), addresses(3), 512);
  const auto kind = [&](auto change) {
    Message changed = reply;
    change(changed);
    return kind_of_reply(query, changed);
  };
  EXPECT_EQ(kind([](Message&) {}), ReplyKind::Whole);
  EXPECT_EQ(kind([](Message& m) { m[13] = 'w'; }), ReplyKind::Whole) << "small and capital letters are alike";
  EXPECT_EQ(kind([](Message& m) { m[0] ^= 1; }), ReplyKind::Wrong) << "the id";
  EXPECT_EQ(kind([](Message& m) { m[2] &= 0x7f; }), ReplyKind::Wrong) << "a query";
  EXPECT_EQ(kind([](Message& m) { m[2] |= 0x28; }), ReplyKind::Wrong) << "another kind of query";
  EXPECT_EQ(kind([](Message& m) { m[5] = 0; }), ReplyKind::Wrong) << "no question";
  EXPECT_EQ(kind([](Message& m) { m[13] = 'x'; }), ReplyKind::Wrong) << "another name";
  EXPECT_EQ(kind([](Message& m) { m[18] = 28; }), ReplyKind::Wrong) << "another type";
  EXPECT_EQ(kind([](Message& m) { m[20] = 3; }), ReplyKind::Wrong) << "another class";
  EXPECT_EQ(kind([](Message& m) { m.push_back(0); }), ReplyKind::Wrong) << "bytes behind the end";
  EXPECT_EQ(kind([](Message& m) { m.pop_back(); }), ReplyKind::Wrong) << "a record that is cut off";
  EXPECT_EQ(kind([](Message& m) { m.pop_back(); m[2] |= 2; }), ReplyKind::CutOff);
  EXPECT_EQ(kind([](Message& m) { m[2] |= 2; }), ReplyKind::Truncated);
  EXPECT_EQ(kind([](Message& m) { m.resize(11); }), ReplyKind::Wrong);
}

TEST(DnsMessage, AliasesThatLeadToThemselvesAreNotRead) {
  Message reply = build_answer(*parse_query(query_for_web()),
                               {.records = {{"web", RecordType::Cname, NameData{"web"}}}}, 512);
  ASSERT_TRUE(records_of(reply));
  // The data of the only record, two bytes, is a reference to itself.
  const std::size_t at = reply.size() - 2;
  reply[at] = 0xc0;
  reply[at + 1] = static_cast<unsigned char>(at);
  EXPECT_FALSE(records_of(reply));
}

TEST(DnsMessage, ManyRecordsOfAnAliasAreNotRead) {
  EXPECT_TRUE(records_of(build_answer(*parse_query(query_for_web()), addresses(64), longest_message)));
  EXPECT_FALSE(records_of(build_answer(*parse_query(query_for_web()), addresses(65), longest_message)));
}

TEST(DnsMessage, RandomBytesAreReadAsSomethingOrNothing) {
  std::mt19937 random(1);
  int queries = 0;
  for (int i = 0; i < 200'000; ++i) {
    Message message = i % 2 == 0 ? query_with_edns() : Message(random() % 100);
    const auto any_byte = [&] { return static_cast<unsigned char>(random()); };
    if (i % 2 == 0)
      for (unsigned change = 0; change < 3; ++change) message[random() % message.size()] = any_byte();
    else
      for (auto& byte : message) byte = any_byte();
    if (const auto query = parse_query(message)) {
      ++queries;
      EXPECT_GE(build_answer(*query, addresses(3), query->udp_size).size(), message.size() < 12 ? 0U : 12U);
    }
    if (message.size() >= 12) (void)kind_of_reply(query_for_web(), message);
    (void)records_of(message);
  }
  EXPECT_GT(queries, 1000);
}

}  // namespace podrun::resolver
