// Names and a question → the answer, as tables.
#include <gtest/gtest.h>

#include <algorithm>

#include "namespaces/resolver/address_names.hpp"
#include "namespaces/resolver/lookup.hpp"

namespace podrun::resolver {
namespace {

constexpr auto A = RecordType::A, AAAA = RecordType::Aaaa, CNAME = RecordType::Cname, SRV = RecordType::Srv,
               PTR = RecordType::Ptr, ANY = RecordType::Any;

PublishedPod pod(std::string name, std::vector<std::string> addresses, std::map<std::string, std::string> labels = {}) {
  PublishedPod made{.namespace_name = "default", .name = std::move(name), .interface = "podrun2", .is_ready = true,
                    .labels = std::move(labels)};
  for (const auto& address : addresses) made.addresses.push_back(*address_of(address));
  return made;
}

PublishedService service(std::string name, std::map<std::string, std::string> selector) {
  return {.namespace_name = "default", .name = std::move(name), .selector = std::move(selector)};
}

/// A shop: three databases, of which one is not ready and one is of another namespace, a web server and its Services.
PublishedPods shop() {
  PublishedPod web = pod("web", {"10.77.0.2", "fd00::2"});
  web.hostname = "front";
  web.services = {service("redis", {{"app", "redis"}}), service("nobody", {{"app", "nobody"}}), service("by-hand", {})};
  web.services[0].ports = {{"redis", "TCP", 6379, "redis"}, {"", "TCP", 80, "80"}, {"metrics", "UDP", 9, "9121"}};
  PublishedService outside = service("outside", {});
  outside.external_name = "Mail.Example.org.";
  PublishedService inside = service("inside", {});
  inside.external_name = "redis.default.svc.cluster.local";
  PublishedService one = service("loop-1", {}), two = service("loop-2", {});
  one.external_name = "loop-2.default.svc.cluster.local";
  two.external_name = "loop-1.default.svc.cluster.local";
  PublishedService early = service("early", {{"app", "redis"}});
  early.publishes_not_ready = true;
  for (const auto& more : {outside, inside, one, two, early}) web.services.push_back(more);
  PublishedPod first = pod("redis-0", {"10.77.0.3", "fd00::3"}, {{"app", "redis"}, {"tier", "db"}});
  first.hostname = "redis-0";
  first.subdomain = "redis";
  first.ports = {{"redis", "TCP", 6380}};
  PublishedPod second = pod("redis-1", {"10.77.0.4"}, {{"app", "redis"}});
  second.hostname = "redis-1";
  second.subdomain = "redis";
  second.is_ready = false;
  PublishedPod third = pod("redis-2", {"10.77.0.5"}, {{"app", "redis"}});
  third.ports = {{"redis", "TCP", 6379}};
  PublishedPod other = pod("redis", {"10.77.0.6"}, {{"app", "redis"}});
  other.namespace_name = "other";
  PublishedPod shadowed = pod("redis", {"10.77.0.7"});  // the Service wins
  PublishedPod killed = pod("killed", {"10.77.0.8"}, {{"app", "redis"}});
  killed.interface = "podrun9";
  killed.services = {service("killed-too", {{"app", "redis"}})};
  PublishedPod host = pod("host", {"192.0.2.1"});
  host.interface.clear();
  PublishedPod lonely = pod("lonely", {"10.77.0.10"});
  lonely.hostname = "box";
  lonely.subdomain = "team";
  PublishedPods pods;
  for (const auto& each : {web, first, second, third, other, shadowed, killed, host, lonely})
    pods.emplace(file_name_of(each), each);
  return pods;
}

bool exists(const std::string& interface) { return interface == "podrun2"; }

/// An answer as one line: what becomes of it, then the records as "type data".
std::string text_of(const Answer& answer) {
  std::string text = answer.outcome == Outcome::Found        ? "found"
                     : answer.outcome == Outcome::NoSuchName ? "none"
                                                             : "elsewhere " + answer.elsewhere;
  const auto add = [&](const Record& record) {
    text += " ";
    if (const auto* const address = std::get_if<pod::IpAddress>(&record.data)) text += address_text(*address);
    else if (const auto* const name = std::get_if<NameData>(&record.data)) text += "=" + name->name;
    else if (const auto* const srv = std::get_if<SrvData>(&record.data))
      text += std::to_string(srv->port) + ":" + srv->target;
  };
  for (const Record& record : answer.records) add(record);
  if (!answer.additional.empty()) text += " +";
  for (const Record& record : answer.additional) add(record);
  return text;
}

std::string answer_to(std::string name, RecordType type, std::string asking = "default") {
  const Names names{shop(), std::move(asking)};
  return text_of(look_up(names, exists, {std::move(name), static_cast<std::uint16_t>(type)}));
}

struct Row {
  std::string name;
  RecordType type;
  std::string answer;
};

void check(const std::vector<Row>& rows, const std::string& asking = "default") {
  for (const Row& row : rows) EXPECT_EQ(answer_to(row.name, row.type, asking), row.answer) << row.name;
}

}  // namespace

TEST(Lookup, APodIsFoundByItsNameAndItsHostname) {
  check({{"web.default.svc.cluster.local", A, "found 10.77.0.2"},
         {"web.default.svc.cluster.local", AAAA, "found fd00::2"},
         {"web.default.svc.cluster.local", ANY, "found 10.77.0.2 fd00::2"},
         {"WEB.Default.svc.Cluster.LOCAL", A, "found 10.77.0.2"},
         {"front.default.svc.cluster.local", A, "found 10.77.0.2"},
         {"redis-1.default.svc.cluster.local", A, "found 10.77.0.4"},  // ready or not
         {"redis.other.svc.cluster.local", A, "found 10.77.0.6"},
         {"host.default.svc.cluster.local", A, "found 192.0.2.1"},
         {"killed.default.svc.cluster.local", A, "none"},
         {"web.other.svc.cluster.local", A, "none"}});
}

TEST(Lookup, ABareNameIsOneOfTheAskingPodsNamespace) {
  check({{"web", A, "found 10.77.0.2"}, {"redis", A, "found 10.77.0.3 10.77.0.5"}, {"nobody-at-all", A,
          "elsewhere nobody-at-all"}});
  check({{"web", A, "elsewhere web"}, {"redis", A, "found 10.77.0.6"}}, "other");
}

TEST(Lookup, AKnownNameWithoutTheTypeIsNoNegativeAnswer) {
  check({{"redis-2.default.svc.cluster.local", AAAA, "found"},
         {"web.default.svc.cluster.local", PTR, "found"},
         {"web", static_cast<RecordType>(15), "found"},
         {"cluster.local", A, "found"},
         {"svc.cluster.local", A, "found"},
         {"pod.cluster.local", A, "found"},
         {"default.svc.cluster.local", A, "found"},
         {"other.pod.cluster.local", A, "found"}});
}

TEST(Lookup, WhatIsUnknownBelowTheZoneDoesNotExist) {
  check({{"a.cluster.local", A, "none"},
         {"web.cluster.local", A, "none"},
         {"web.svc.cluster.local", A, "none"},
         {"unknown.default.svc.cluster.local", A, "none"},
         {"nowhere.svc.cluster.local", A, "none"},
         {"a.b.c.d.default.svc.cluster.local", A, "none"},
         {"example.org.default.svc.cluster.local", A, "none"},
         {"a.b.default.pod.cluster.local", A, "none"}});
}

TEST(Lookup, WhatIsNotBelowTheZoneIsForOthers) {
  check({{"example.org", A, "elsewhere example.org"},
         {"cluster.local.org", A, "elsewhere cluster.local.org"},
         {"mycluster.local", A, "elsewhere mycluster.local"},
         {"web.default", A, "elsewhere web.default"},
         {"", A, "elsewhere "}});
}

TEST(Lookup, AServiceIsTheAddressesOfItsReadyPods) {
  check({{"redis.default.svc.cluster.local", A, "found 10.77.0.3 10.77.0.5"},
         {"redis.default.svc.cluster.local", AAAA, "found fd00::3"},
         {"early.default.svc.cluster.local", A, "found 10.77.0.3 10.77.0.4 10.77.0.5"},
         {"nobody.default.svc.cluster.local", A, "found"},
         {"by-hand.default.svc.cluster.local", A, "found"},
         {"killed-too.default.svc.cluster.local", A, "none"}});
}

TEST(Lookup, APodOfAServiceHasANameBelowIt) {
  check({{"redis-0.redis.default.svc.cluster.local", A, "found 10.77.0.3"},
         {"redis-1.redis.default.svc.cluster.local", A, "none"},  // it is not ready
         {"redis-2.redis.default.svc.cluster.local", A, "none"},  // it has another subdomain
         {"redis-0.early.default.svc.cluster.local", A, "none"},
         {"10-77-0-5.redis.default.svc.cluster.local", A, "found 10.77.0.5"},
         {"10-77-0-5.redis.default.svc.cluster.local", AAAA, "found"},
         {"10-77-0-4.redis.default.svc.cluster.local", A, "none"},
         {"fd00--3.redis.default.svc.cluster.local", AAAA, "found fd00::3"}});
}

TEST(Lookup, ASubdomainNeedsNoService) {
  check({{"box.team.default.svc.cluster.local", A, "found 10.77.0.10"},
         {"lonely.team.default.svc.cluster.local", A, "none"},
         {"team.default.svc.cluster.local", A, "found"}});
}

TEST(Lookup, APodIsFoundByItsAddress) {
  check({{"10-77-0-2.default.pod.cluster.local", A, "found 10.77.0.2"},
         {"fd00--2.default.pod.cluster.local", AAAA, "found fd00::2"},
         {"10-77-0-2.other.pod.cluster.local", A, "none"},
         {"10-77-0-99.default.pod.cluster.local", A, "none"},
         {"10-77-0-8.default.pod.cluster.local", A, "none"}});
}

TEST(Lookup, ASrvRecordHasThePortAtWhichThePodAnswers) {
  const std::string zone = ".redis.default.svc.cluster.local";
  check({{"_redis._tcp" + zone, SRV,
          "found 6380:redis-0" + zone + " 6379:10-77-0-5" + zone + " + 10.77.0.3 fd00::3 10.77.0.5"},
         {"_metrics._udp" + zone, SRV,
          "found 9121:redis-0" + zone + " 9121:10-77-0-5" + zone + " + 10.77.0.3 fd00::3 10.77.0.5"},
         {"_redis._tcp" + zone, A, "found"},
         {"_redis._udp" + zone, SRV, "none"},
         {"_._tcp" + zone, SRV, "none"},
         {"_other._tcp" + zone, SRV, "none"},
         {"redis._tcp" + zone, SRV, "none"},
         {"_tcp" + zone, SRV, "found"},
         {"_redis._tcp.nobody.default.svc.cluster.local", SRV, "none"}});
}

TEST(Lookup, AnExternalNameIsAnAliasWhichIsFollowed) {
  const auto outside = "elsewhere mail.example.org =mail.example.org";
  check({{"outside.default.svc.cluster.local", A, outside},
         {"outside.default.svc.cluster.local", AAAA, outside},
         {"outside.default.svc.cluster.local", CNAME, "found =mail.example.org"},
         {"outside.default.svc.cluster.local", SRV, "found =mail.example.org"},
         {"inside.default.svc.cluster.local", A,
          "found =redis.default.svc.cluster.local 10.77.0.3 10.77.0.5"}});
  const std::string loop = answer_to("loop-1.default.svc.cluster.local", A);
  EXPECT_TRUE(loop.starts_with("found =loop-2.default.svc.cluster.local =loop-1"));
  EXPECT_LT(std::ranges::count(loop, '='), 12);
}

TEST(Lookup, AnAddressHasTheNameOfItsPod) {
  check({{"2.0.77.10.in-addr.arpa", PTR, "found =web.default.svc.cluster.local"},
         {reverse_name(*address_of("fd00::2")), PTR, "found =web.default.svc.cluster.local"},
         {"3.0.77.10.in-addr.arpa", PTR, "found =redis-0.redis.default.svc.cluster.local"},
         {"3.0.77.10.in-addr.arpa", A, "found"},
         {"8.0.77.10.in-addr.arpa", PTR, "elsewhere 8.0.77.10.in-addr.arpa"},     // it is gone
         {"1.2.0.192.in-addr.arpa", PTR, "elsewhere 1.2.0.192.in-addr.arpa"}});  // it is the host's
}

TEST(Lookup, EachRecordIsTheFirstInItsTurn) {
  const Answer answer = look_up({shop(), "default"}, exists, {"early", static_cast<std::uint16_t>(A)});
  std::vector<std::string> firsts;
  for (std::size_t turn = 0; turn < 4; ++turn) {
    auto records = answer.records;
    rotate(records, turn);
    EXPECT_TRUE(std::ranges::is_permutation(records, answer.records));
    firsts.push_back(address_text(std::get<pod::IpAddress>(records.front().data)));
  }
  EXPECT_EQ(firsts, (std::vector<std::string>{"10.77.0.3", "10.77.0.4", "10.77.0.5", "10.77.0.3"}));
  std::vector<Record> alias = look_up({shop(), "default"}, exists, {"inside", static_cast<std::uint16_t>(A)}).records;
  rotate(alias, 1);
  EXPECT_EQ(alias.front().type, CNAME);
}

}  // namespace podrun::resolver
