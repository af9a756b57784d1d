// What a pod's programs get from its resolver: dig, getent of glibc and nslookup of busybox.
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "namespaces/kernel/files.hpp"
#include "namespaces/resolver/address_names.hpp"
#include "tests/namespaces/resolver/resolver_run.hpp"

namespace podrun::ns {
namespace {

using resolver::PublishedPod;

class RootResolver : public testing::Test {
 protected:
  RootResolver() {
    redis_ = make_pod("redis-0", {"10.77.0.3", "fd00::3"}, {{"app", "redis"}});
    redis_.hostname = "redis-0";
    redis_.subdomain = "redis";
    redis_.services = {{.namespace_name = "default", .name = "redis", .selector = {{"app", "redis"}}},
                       {.namespace_name = "default", .name = "outside", .external_name = "mail.example.org"}};
    redis_.services[0].ports = {{"redis", "TCP", 6379, "6380"}};
    world_.publish(redis_);
    PublishedPod web = make_pod("web", {"10.77.0.2", "fd00::2"});
    web.hostname = "front";
    world_.publish(web);
  }

  std::string dig(std::initializer_list<std::string> words) const { return world_.dig(words); }

  ResolverWorld world_;
  PublishedPod redis_;
  Upstream upstream_{world_, "127.0.0.1", answering("192.0.2.7")};
  ResolverRun resolver_{world_, {"127.0.0.1"}};
};

const std::string zone = ".default.svc.cluster.local";

}  // namespace

TEST_F(RootResolver, AnswersDig) {
  EXPECT_EQ(dig({"web" + zone}), "10.77.0.2");
  EXPECT_EQ(dig({"WEB" + zone}), "10.77.0.2");
  EXPECT_EQ(dig({"web" + zone, "AAAA"}), "fd00::2");
  EXPECT_EQ(dig({"front"}), "10.77.0.2");
  EXPECT_EQ(dig({"redis" + zone, "ANY", "+notcp"}), "10.77.0.3 fd00::3");
  EXPECT_EQ(dig({"_redis._tcp.redis" + zone, "SRV"}), "0 1 6380 redis-0.redis" + zone + ".");
  EXPECT_EQ(dig({"-x", "10.77.0.2"}), "web" + zone + ".");
  EXPECT_EQ(dig({"-x", "fd00::2"}), "web" + zone + ".");
  EXPECT_EQ(dig({"web" + zone, "+tcp"}), "10.77.0.2");
  EXPECT_EQ(dig({"web" + zone, "+noedns"}), "10.77.0.2");
  EXPECT_EQ(dig({"web" + zone, "+dnssec", "+bufsize=4096"}), "10.77.0.2");
  EXPECT_EQ(dig({"outside" + zone}), "192.0.2.7 mail.example.org.");
  EXPECT_EQ(dig({"outside" + zone, "+tcp"}), "192.0.2.7 mail.example.org.");
  EXPECT_EQ(dig({"example.org"}), "192.0.2.7");
  EXPECT_EQ(dig({"example.org", "+tcp"}), "192.0.2.7");
  EXPECT_EQ(upstream_.by_tcp(), 1);
}

TEST_F(RootResolver, SaysWhatDoesNotExistItselfAndForHowLong) {
  const std::string all = world_.run({"dig", std::string("@") + served_address, "unknown" + zone});
  EXPECT_NE(all.find("status: NXDOMAIN"), all.npos) << all;
  EXPECT_NE(all.find("cluster.local.\t\t5\tIN\tSOA"), all.npos) << all;
  const std::string no_data = world_.run({"dig", std::string("@") + served_address, "web" + zone, "MX"});
  EXPECT_NE(no_data.find("status: NOERROR"), no_data.npos) << no_data;
  EXPECT_NE(no_data.find("AUTHORITY: 1"), no_data.npos) << no_data;
  EXPECT_EQ(upstream_.by_udp(), 0);
}

TEST_F(RootResolver, AnswersGlibcByEachFormOfAName) {
  for (const char* name : {"web", "front", "web.default", "web.default.svc", "web.default.svc.cluster.local"}) {
    const std::string text = world_.run({"getent", "ahosts", name});
    EXPECT_NE(text.find("10.77.0.2"), text.npos) << name << ": " << text;
    EXPECT_NE(text.find("fd00::2"), text.npos) << name << ": " << text;
  }
  for (const char* name : {"redis", "redis.default", "redis.default.svc", "redis-0.redis", "redis-0.redis.default",
                           "redis.default.svc.cluster.local"})
    EXPECT_NE(world_.run({"getent", "ahosts", name}).find("10.77.0.3"), std::string::npos) << name;
  EXPECT_NE(world_.run({"getent", "ahosts", "example.org"}).find("192.0.2.7"), std::string::npos);
  EXPECT_NE(world_.run({"getent", "hosts", "10.77.0.2"}).find("web" + zone), std::string::npos);
}

TEST_F(RootResolver, AnswersBusybox) {
  for (const auto& name : {"web" + zone, std::string("web")}) {
    const std::string text = world_.run({"busybox", "nslookup", name});
    EXPECT_NE(text.find("10.77.0.2"), text.npos) << text;
  }
  const std::string unknown = world_.run({"busybox", "nslookup", "unknown" + zone});
  EXPECT_NE(unknown.find("NXDOMAIN"), unknown.npos) << unknown;
}

TEST_F(RootResolver, SeesEachChangeOfTheNamesAtTheNextQuery) {
  const Client client(world_);
  const auto is_answered = [&](const std::string& name) {
    const auto answer = client.ask(query_for(name + zone));
    const auto records = answer ? resolver::records_of(*answer) : std::nullopt;
    EXPECT_TRUE(records);
    return records && !records->empty();
  };
  EXPECT_TRUE(is_answered("redis"));
  for (int round = 0; round < 300; ++round) {
    redis_.is_ready = round % 2 != 0;
    world_.publish(redis_);
    ASSERT_EQ(is_answered("redis"), redis_.is_ready) << round;
    const PublishedPod other = make_pod("pod-" + std::to_string(round), {"10.77.1.1"});
    world_.publish(other);
    ASSERT_TRUE(is_answered(other.name)) << round;
    world_.withdraw(other);
    ASSERT_FALSE(is_answered(other.name)) << round;
  }
}

TEST_F(RootResolver, APodWhoseInterfaceIsGoneIsNotAnswered) {
  PublishedPod killed = make_pod("killed", {"10.77.0.9"}, {{"app", "redis"}});
  killed.interface = dead_interface;
  world_.publish(killed);
  EXPECT_EQ(dig({"killed" + zone}), "");
  EXPECT_EQ(dig({"redis" + zone}), "10.77.0.3");
}

TEST_F(RootResolver, AddressesTakeTurns) {
  for (int i = 4; i < 8; ++i)
    world_.publish(make_pod("redis-" + std::to_string(i), {"10.77.0." + std::to_string(i)}, {{"app", "redis"}}));
  const Client client(world_);
  std::set<std::string> firsts;
  for (int i = 0; i < 5; ++i) {
    const auto records = resolver::records_of(client.ask(query_for("redis" + zone)).value());
    ASSERT_EQ(records->size(), 5U);
    firsts.insert(resolver::address_text(std::get<pod::IpAddress>(records->front().data)));
  }
  EXPECT_EQ(firsts.size(), 5U);
}

TEST_F(RootResolver, ALongAnswerIsReadByTcp) {
  for (int i = 0; i < 200; ++i)
    world_.publish(make_pod("many-" + std::to_string(i), {"10.77.2." + std::to_string(i)}, {{"app", "many"}}));
  redis_.services[0].selector = {{"app", "many"}};
  world_.publish(redis_);
  const std::string text = dig({"redis" + zone});
  EXPECT_EQ(std::ranges::count(text, ' '), 199);
  const std::string cut = world_.run({"dig", std::string("@") + served_address, "redis" + zone, "+ignore", "+noedns"});
  EXPECT_NE(cut.find("flags: qr aa tc"), cut.npos) << cut;
}

TEST_F(RootResolver, WhatIsNoFileOfNamesIsLeftOut) {
  const std::string names = world_.names() + "/";
  for (int i = 0; i < 20; ++i) {
    const std::string file = names + "default_rubbish-" + std::to_string(i);
    ASSERT_TRUE(write_file(file, std::string(static_cast<std::size_t>(i) * 1000, static_cast<char>(i * 13)), 0644));
  }
  const std::string text = *encode(make_pod("stolen", {"10.77.0.66"}));
  ASSERT_TRUE(write_file(names + "default_other", text, 0644));  // another pod's name
  ASSERT_TRUE(write_file(names + "stolen", text, 0644));
  ASSERT_TRUE(write_file(world_.folder() + "/default_stolen", text, 0644));
  std::filesystem::create_symlink("../default_stolen", names + "default_stolen");
  std::filesystem::create_directory(names + "default_folder");
  ASSERT_EQ(::mkfifo((names + "default_pipe").c_str(), 0644), 0);
  std::filesystem::create_symlink("/dev/zero", names + "default_zero");
  EXPECT_EQ(dig({"stolen" + zone}), "");
  EXPECT_EQ(dig({"other" + zone}), "");
  EXPECT_EQ(dig({"web" + zone}), "10.77.0.2");
}

TEST_F(RootResolver, AFolderThatIsRemovedHasNoNames) {
  std::filesystem::remove_all(world_.names());
  EXPECT_EQ(dig({"web" + zone}), "");
  EXPECT_EQ(dig({"example.org"}), "192.0.2.7");
}

TEST_F(RootResolver, EndsWhenIdleAndAnotherAnswersWhatHasArrivedMeanwhile) {
  ResolverWorld world;
  world.publish(make_pod("web", {"10.77.0.2"}));
  ResolverRun run(world, {}, std::chrono::seconds(1));
  const Client client(world);
  EXPECT_TRUE(client.ask(query_for("web")));
  EXPECT_EQ(run.exit_code(), 0);
  client.send(query_for("web"));
  run.start();
  EXPECT_TRUE(client.receive());
}

}  // namespace podrun::ns
