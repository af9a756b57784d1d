// Netlink messages as bytes: what is written is read, and malformed bytes are no more than absent.
#include "namespaces/netlink/netlink_message.hpp"

#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

namespace podrun::ns {
namespace {

constexpr std::size_t header_size = NLMSG_HDRLEN + sizeof(ifinfomsg);

NetlinkBatch one_request() {
  NetlinkBatch batch;
  batch.begin("test", RTM_NEWLINK, NLM_F_ACK, ifinfomsg{});
  return batch;
}

TEST(NetlinkMessage, AttributesAreReadAsTheyAreWritten) {
  NetlinkBatch batch = one_request();
  batch.add_text(1, "eth0");
  batch.nest(2, [&] {
    batch.add_value(3, std::uint8_t{7});
    batch.nest(4, [&] { batch.add_value(5, std::uint64_t{99}); });
  });
  const Bytes attributes = batch.bytes().subspan(header_size);
  EXPECT_EQ(find_text(attributes, 1), "eth0");
  const auto nested = find_attribute(attributes, 2);
  ASSERT_TRUE(nested);
  EXPECT_EQ(find_value<std::uint8_t>(*nested, 3), 7);
  EXPECT_EQ(find_value<std::uint64_t>(*find_attribute(*nested, 4), 5), 99U);
  EXPECT_EQ(read_value<nlmsghdr>(batch.bytes())->nlmsg_len, batch.bytes().size());
}

TEST(NetlinkMessage, RequestsOfABatchAreNumbered) {
  NetlinkBatch batch = one_request();
  const std::size_t first = batch.bytes().size();
  batch.begin("second", RTM_DELLINK, 0, ifinfomsg{});
  EXPECT_EQ(read_value<nlmsghdr>(batch.bytes())->nlmsg_len, first);
  EXPECT_EQ(read_value<nlmsghdr>(batch.bytes().subspan(first))->nlmsg_seq, 2U);
}

TEST(NetlinkMessage, TheLastAcknowledgementStandsForAll) {
  NetlinkBatch batch = one_request();
  EXPECT_NE(read_value<nlmsghdr>(batch.bytes())->nlmsg_flags & NLM_F_ACK, 0);
  batch.begin("second", RTM_DELLINK, NLM_F_ACK, ifinfomsg{});
  batch.begin("third", RTM_DELLINK, 0, ifinfomsg{});
  EXPECT_EQ(read_value<nlmsghdr>(batch.bytes())->nlmsg_flags & NLM_F_ACK, 0);
  std::vector<bool> acknowledged;
  for (const auto& request : batch.requests()) acknowledged.push_back(request.is_acknowledged);
  EXPECT_EQ(acknowledged, (std::vector{false, true, false}));
}

TEST(NetlinkMessage, AnAttributeThatIsTooLongIsNoticed) {
  const std::vector<std::byte> most(65531), more(65532);
  NetlinkBatch batch = one_request();
  batch.add(1, most);
  EXPECT_FALSE(batch.is_too_long());
  batch.add(1, more);
  EXPECT_TRUE(batch.is_too_long());
  NetlinkBatch nested = one_request();
  nested.nest(2, [&] { nested.add(1, most); });
  EXPECT_TRUE(nested.is_too_long());
}

TEST(NetlinkMessage, MalformedAttributesAreAbsent) {
  NetlinkBatch batch = one_request();
  batch.add_value(1, std::uint32_t{1});
  batch.add_value(2, std::uint32_t{2});
  std::vector<std::byte> bytes(batch.bytes().begin() + header_size, batch.bytes().end());
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_EQ(find_value<std::uint32_t>(Bytes(bytes).first(length), 2), std::nullopt) << length;
  EXPECT_EQ(find_value<std::uint64_t>(bytes, 2), std::nullopt) << "too short for the value";
  for (const int length : {0, 3, 200}) {
    bytes[0] = std::byte(length);
    EXPECT_EQ(find_attribute(bytes, 2), std::nullopt) << length;
  }
}

}  // namespace
}  // namespace podrun::ns
