// The file that a pod publishes.
#include <gtest/gtest.h>

#include "namespaces/resolver/address_names.hpp"
#include "namespaces/resolver/names.hpp"

namespace podrun::resolver {
namespace {

PublishedPod full_pod() {
  return {.namespace_name = "shop",
          .name = "web",
          .hostname = "front",
          .subdomain = "db",
          .addresses = {*address_of("10.77.0.5"), *address_of("fd00::5")},
          .interface = "podrun5",
          .is_ready = true,
          .labels = {{"app", "web"}, {"app.kubernetes.io/part-of", "guestbook"}, {"empty", ""}},
          .ports = {{"http", "TCP", 8080}, {"dns", "UDP", 53}},
          .services = {{.namespace_name = "shop",
                        .name = "redis",
                        .selector = {{"app", "redis"}, {"any", ""}},
                        .is_headless = true,
                        .publishes_not_ready = true,
                        .ports = {{"", "TCP", 6379, "6379"}, {"web", "TCP", 80, "http"}}},
                       {.namespace_name = "shop", .name = "mail", .external_name = "mail.example.org"}}};
}

constexpr std::string_view smallest = "podrun-names 1\npod default web\nend\n";

}  // namespace

TEST(NamesFile, ComesBackAsItWas) {
  const auto text = encode(full_pod());
  ASSERT_TRUE(text);
  EXPECT_EQ(parse(*text), full_pod());
}

TEST(NamesFile, OfAPodWithNothingButItsNameIsThreeLines) {
  const PublishedPod pod{.namespace_name = "default", .name = "web"};
  EXPECT_EQ(encode(pod), smallest);
  EXPECT_EQ(parse(smallest), pod);
  EXPECT_EQ(file_name_of(pod), "default_web");
}

TEST(NamesFile, IsNotWrittenIfAValueHasWhiteSpaceOrIsMissing) {
  const auto is_refused = [](auto change) {
    PublishedPod pod = full_pod();
    change(pod);
    return !encode(pod);
  };
  EXPECT_TRUE(is_refused([](PublishedPod& p) { p.name = ""; }));
  EXPECT_TRUE(is_refused([](PublishedPod& p) { p.name = "a b"; }));
  EXPECT_TRUE(is_refused([](PublishedPod& p) { p.hostname = "a\npod default other"; }));
  EXPECT_TRUE(is_refused([](PublishedPod& p) { p.labels["a"] = "b\tc"; }));
  EXPECT_TRUE(is_refused([](PublishedPod& p) { p.services[1].external_name = "\xc3\xa4"; }));
  EXPECT_TRUE(is_refused([](PublishedPod& p) { p.services[0].ports[0].target = ""; }));
  EXPECT_TRUE(is_refused([](PublishedPod& p) { p.labels["a"] = std::string(longest_file, 'b'); }));
}

TEST(NamesFile, IsRefusedIfItIsNone) {
  for (const std::string_view text :
       {"", "\n", "podrun-names 1\n", "podrun-names 1\nend\n", "podrun-names 2\npod default web\nend\n",
        "podrun-names 1\npod default web\n", "podrun-names 1\npod default web\nend", "pod default web\nend\n",
        "podrun-names 1\npod default web\nend\nmore\n"})
    EXPECT_EQ(parse(text), std::nullopt) << text;
}

TEST(NamesFile, IsRefusedIfALineIsWrong) {
  for (const std::string_view line :
       {"", "unknown", "pod a", "pod a b c", "pod a b", "hostname", "hostname a b", "hostname  a", "hostname a ",
        "ready yes", "address", "address 10.77.0", "address 10.77.0.256", "address fd00::5::1", "address 10.77.0.5/32",
        "label", "label a b c", "port http TCP", "port http TCP 0", "port http TCP 65536", "port http TCP 8o",
        "port http tcp 80", "selector a b", "headless", "external-name a", "publish-not-ready",
        "service-port a TCP 80 80", "service a", "\x01", "hostname \xff"})
    EXPECT_EQ(parse("podrun-names 1\npod default web\n" + std::string(line) + "\nend\n"), std::nullopt) << line;
  for (const std::string_view line : {"selector a b\nselector a c", "service-port a TCP 80", "external-name a b"})
    EXPECT_EQ(parse("podrun-names 1\npod default web\nservice a b\n" + std::string(line) + "\nend\n"), std::nullopt)
        << line;
}

TEST(NamesFile, IsRefusedWithAnyByteCutOffAndTakenWithNoneChangedSilently) {
  const std::string text = *encode(full_pod());
  for (std::size_t length = 0; length < text.size(); ++length) EXPECT_EQ(parse(text.substr(0, length)), std::nullopt);
  for (std::size_t at = 0; at < text.size(); ++at)
    for (const char byte : {'\0', '\n', ' ', '\xff'}) {
      std::string changed = text;
      changed[at] = byte;
      const auto parsed = parse(changed);
      if (parsed && changed != text) {
        EXPECT_NE(*parsed, full_pod());
      }
    }
}

TEST(NamesFile, IsRefusedAbove1MiB) {
  std::string text = "podrun-names 1\npod default web\n";
  while (text.size() < longest_file) text += "label a" + std::to_string(text.size()) + " b\n";
  EXPECT_EQ(parse(text + "end\n"), std::nullopt);
}

TEST(NamesFile, IsNeitherWrittenNorReadWithMoreThan10000Lines) {
  PublishedPod pod{.namespace_name = "default", .name = "web"};
  for (std::size_t i = 3; i < most_lines; ++i) pod.addresses.push_back(*address_of("10.77.0.5"));
  const auto text = encode(pod);
  ASSERT_TRUE(text);
  EXPECT_EQ(parse(*text), pod);
  pod.addresses.push_back(pod.addresses.front());
  EXPECT_EQ(encode(pod), std::nullopt);
  EXPECT_EQ(parse("podrun-names 1\nready\n" + text->substr(text->find('\n') + 1)), std::nullopt);
}

TEST(AddressNames, AreAsTheDnsHasThem) {
  EXPECT_EQ(dashed(*address_of("10.77.0.5")), "10-77-0-5");
  EXPECT_EQ(dashed(*address_of("fd00::5")), "fd00--5");
  EXPECT_EQ(reverse_name(*address_of("10.77.0.5")), "5.0.77.10.in-addr.arpa");
  EXPECT_EQ(reverse_name(*address_of("fd00::1:5")),
            "5.0.0.0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa");
  for (const char* text : {"10.77.0.5", "10.77.0.255", "255.0.0.0", "fd00::1:5", "fd00::f"}) {
    const auto address = *address_of(text);
    EXPECT_TRUE(is_reverse_name(address, reverse_name(address))) << text;
    EXPECT_FALSE(is_reverse_name(address, reverse_name(*address_of("10.77.1.5")))) << text;
    EXPECT_FALSE(is_reverse_name(address, "5"));
  }
}

}  // namespace podrun::resolver
