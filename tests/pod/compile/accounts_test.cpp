// Users and groups in the account files of an image, whose text is not trusted.
#include <gtest/gtest.h>

#include <string>

#include "pod/compile/accounts.hpp"

namespace podrun::pod {
namespace {

TEST(Accounts, AnEntryIsFoundByNameAndByUid) {
  const std::string passwd = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:100:an application:/home/app:/bin/sh";
  const auto by_name = find_account(passwd, "app");
  ASSERT_TRUE(by_name);
  EXPECT_EQ(by_name->uid, 1000U);
  EXPECT_EQ(by_name->gid, 100U);
  EXPECT_EQ(by_name->home, "/home/app");
  const auto by_uid = find_account(passwd, 1000U);
  ASSERT_TRUE(by_uid);
  EXPECT_EQ(by_uid->name, "app");
  EXPECT_FALSE(find_account(passwd, "ap"));
  EXPECT_FALSE(find_account(passwd, 1U));
}

TEST(Accounts, TheFirstOfTwoEntriesCounts) {
  EXPECT_EQ(find_account("a:x:1:1::/one:\na:x:2:2::/two:\n", "a")->home, "/one");
  EXPECT_EQ(find_account("a:x:1:1::/one:\nb:x:1:2::/two:\n", 1U)->name, "a");
}

TEST(Accounts, AMalformedLineIsSkipped) {
  for (const std::string line :
       {"", "#app:x:5:5", "app", "app:x", "app:x:1", "app:x:one:1::/:", "app:x:1:two::/:", "app:x:-1:1::/:",
        "app:x:1 :1::/:", "app:x:0x1:1::/:", "app:x::1::/:", "+::::::", ":x:7:7::/:",
        "app:x:18446744073709551617:1::/:", "app:x:4294967295:1::/:", "app:x:1:99999999999999999999::/:"}) {
    EXPECT_FALSE(find_account(line, "app")) << line;
    EXPECT_TRUE(find_account(line + "\napp:x:3:4::/:\n", "app")) << line;
  }
}

TEST(Accounts, BinaryDataHoldsNoAccountAndNoGroup) {
  std::string noise;
  for (int i = 0; i < 4096; ++i) noise += static_cast<char>(i * 31);
  EXPECT_FALSE(find_account(noise, "app"));
  EXPECT_FALSE(find_group(noise, "app"));
  EXPECT_TRUE(groups_listing(noise, "app").empty());
}

TEST(Accounts, AnEntryMayEndAfterItsGid) {
  const auto account = find_account("app:x:1:2", "app");
  ASSERT_TRUE(account);
  EXPECT_EQ(account->gid, 2U);
  EXPECT_EQ(account->home, "");
}

TEST(Accounts, AnIdIsADecimalNumberBelow4294967295) {
  EXPECT_EQ(parse_id("0"), 0U);
  EXPECT_EQ(parse_id("4294967294"), 4294967294U);
  for (const auto* text :
       {"", "-1", "+1", " 1", "1 ", "1a", "0x1", "4294967295", "4294967296", "18446744073709551616"})
    EXPECT_FALSE(parse_id(text)) << text;
}

TEST(Accounts, AGroupIsFoundByName) {
  EXPECT_EQ(find_group("root:x:0:\nlogs:x:27:www,app\n", "logs"), 27U);
  EXPECT_EQ(find_group("logs:x:27", "logs"), 27U);
  EXPECT_FALSE(find_group("logs:x:many:\n", "logs"));
}

TEST(Accounts, AGroupMemberMatchesByItsWholeName) {
  const std::string group = "a:x:1:app\nb:x:2:www,app\nc:x:3:application,my-app\nd:x:4:\ne:x:5:app,www\n";
  EXPECT_EQ(groups_listing(group, "app"), (std::vector<std::uint32_t>{1, 2, 5}));
  EXPECT_TRUE(groups_listing(group, "nobody").empty());
  EXPECT_TRUE(groups_listing(group, "").empty());
}

}  // namespace
}  // namespace podrun::pod
