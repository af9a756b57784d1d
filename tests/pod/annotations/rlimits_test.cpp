// A container's resource limits: the defaults, the annotation, and the bounds of the host.
#include "pod/annotations/rlimits.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "pod/spec/capabilities.hpp"
#include "tests/pod/compile/fixtures.hpp"
#include "tests/pod/manifests.hpp"

namespace podrun::pod {
namespace {

using fixtures::Words;

HostFacts without_sys_resource() {
  HostFacts facts = fixtures::facts();
  facts.capabilities &= ~capability_bit("SYS_RESOURCE");
  return facts;
}

ResourceLimit limit(Resource resource, const Pod& pod, std::size_t container = 0,
                    const HostFacts& on = fixtures::facts()) {
  return limits_of(pod, container, on).set.at(static_cast<std::size_t>(resource));
}

Pod annotated(const std::string& annotation, const std::string& value) {
  Pod pod = fixtures::pod({fixtures::container("web"), fixtures::container("db")});
  pod.metadata.annotations["podrun.io/limit-" + annotation] = value;
  return pod;
}

TEST(Limits, EveryResourceHasADefaultLimitOfPodruns) {
  Words words;
  for (const ResourceLimit& each : default_limits(fixtures::facts()))
    words.push_back(fmt::format("{} {}", name_of(each.resource), limit_words(each)));
  EXPECT_EQ(words,
            (Words{"cpu unlimited", "fsize unlimited", "data unlimited", "stack 8Mi:unlimited", "core 0:unlimited",
                   "rss unlimited", "nproc unlimited", "nofile 1024:1048576", "memlock 8Mi", "as unlimited",
                   "locks unlimited", "sigpending 4096", "msgqueue 800Ki", "nice 0", "rtprio 0", "rttime unlimited"}));
}

TEST(Limits, DefaultLimitsIgnoreTheCallersIfPodrunCanRaiseThem) {
  HostFacts facts = fixtures::facts();
  facts.hard_limits.fill(7);
  EXPECT_EQ(limits_of(fixtures::pod(), 0, facts).set, default_limits(fixtures::facts()));
  EXPECT_EQ(limits_of(fixtures::pod(), 0, facts).bounded, "");
}

TEST(Limits, TheSigpendingLimitIsLowerOnASmallMachine) {
  HostFacts facts = fixtures::facts();
  facts.most_threads = 4000;
  EXPECT_EQ(limit(Resource::Sigpending, fixtures::pod(), 0, facts), (ResourceLimit{Resource::Sigpending, 500, 500}));
}

TEST(Limits, LimitsAreCappedWithARemarkWithoutCapSysResource) {
  HostFacts facts = without_sys_resource();
  facts.hard_limits[static_cast<std::size_t>(Resource::Nofile)] = 20000;
  facts.hard_limits[static_cast<std::size_t>(Resource::Nproc)] = 900;
  const Limits limits = limits_of(fixtures::pod(), 0, facts);
  EXPECT_EQ(limits.set.at(static_cast<std::size_t>(Resource::Nofile)), (ResourceLimit{Resource::Nofile, 1024, 20000}));
  EXPECT_EQ(limits.set.at(static_cast<std::size_t>(Resource::Nproc)), (ResourceLimit{Resource::Nproc, 900, 900}));
  EXPECT_EQ(
      limits.bounded,
      "limits: nproc 900, not unlimited; nofile 1024:20000, not 1024:1048576: without CAP_SYS_RESOURCE podrun cannot "
      "raise its own");
  EXPECT_EQ(fixtures::plan_of(fixtures::pod(), facts).containers.at(0).remarks, Words{limits.bounded});
  EXPECT_EQ(reduced_limits(fixtures::pod(), facts), Words{}) << "nobody has asked for more";
}

TEST(Limits, ARequestedLimitThatCannotBeSetIsAWarning) {
  HostFacts facts = without_sys_resource();
  facts.hard_limits[static_cast<std::size_t>(Resource::Nofile)] = 500;
  EXPECT_EQ(reduced_limits(annotated("nofile", "db: 65536"), facts),
            Words{"container db: limit nofile 500, not 65536: without CAP_SYS_RESOURCE podrun cannot raise its own"});
  EXPECT_EQ(reduced_limits(annotated("nofile", "db: 500"), facts), Words{});
}

TEST(Limits, TheNofileLimitIsCappedAtFsNrOpen) {
  EXPECT_EQ(limit(Resource::Nofile, annotated("nofile", "1024:2000000")),
            (ResourceLimit{Resource::Nofile, 1024, 1048576}));
  EXPECT_EQ(reduced_limits(annotated("nofile", "web: 1024:2000000"), fixtures::facts()),
            Words{"container web: limit nofile 1024:1048576, not 1024:2000000: fs.nr_open allows no more"});
}

TEST(LimitAnnotations, ALimitAnnotationIsForAllContainersOrForOne) {
  const auto both = [](const std::string& value) {
    const Pod pod = annotated("memlock", value);
    return limit_words(limit(Resource::Memlock, pod, 0)) + " " + limit_words(limit(Resource::Memlock, pod, 1));
  };
  EXPECT_EQ(both("65536"), "64Ki 64Ki");
  EXPECT_EQ(both("1Mi:unlimited"), "1Mi:unlimited 1Mi:unlimited");
  EXPECT_EQ(both("db: unlimited"), "8Mi unlimited");
  EXPECT_EQ(both("db: 1:2\n3\n"), "3 1:2");
  EXPECT_EQ(both("\n 3 \n  web: 1Gi:2Gi\n"), "1024Mi:2048Mi 3");
}

TEST(LimitAnnotations, AMalformedLimitAnnotationIsRefused) {
  for (const char* good : {"0", "1024:4096", "unlimited", "0:unlimited", "64Mi", "web: 1", "web:1:2", "1\ndb: 2"})
    EXPECT_EQ(limit_lines(good), "") << good;
  for (const char* wrong : {"", " \n", "many", "-1", "1.5", "500m", "1:", ":1", "web 1", "web: ", "1\nweb: x", "0x10"})
    EXPECT_NE(limit_lines(wrong), "") << wrong;
}

TEST(LimitAnnotations, AnImpossibleLimitIsAMistakeAtItsPlace) {
  const auto mistake = [](const std::string& name, const std::string& value) {
    const std::string text = manifest(
        {.metadata = fmt::format("  name: web\n  annotations:\n    podrun.io/limit-{}: \"{}\"\n", name, value)});
    return pod::mistake(text);
  };
  EXPECT_EQ(mistake("nofile", "1024:4096"), "0 mistakes: ");
  EXPECT_EQ(mistake("nofile", "plenty"),
            "6:29 podrun.io/limit-nofile must be a number, SOFT:HARD or unlimited, or lines of NAME: and one of these, "
            "but this "
            "is \"plenty\"");
  EXPECT_EQ(mistake("nofile", "unlimited"),
            "6:29 podrun.io/limit-nofile: unlimited: no kernel allows more than 2147483584 open files");
  EXPECT_EQ(mistake("nofile", "4096:1024"),
            "6:29 podrun.io/limit-nofile: 4096:1024: the soft limit is above the hard one");
  EXPECT_EQ(mistake("core", "unlimited:0"),
            "6:27 podrun.io/limit-core: unlimited:0: the soft limit is above the hard one");
  EXPECT_EQ(mistake("nice", "41"), "6:27 podrun.io/limit-nice: 41: it goes from 0 to 40");
  EXPECT_EQ(mistake("rtprio", "unlimited"), "6:29 podrun.io/limit-rtprio: unlimited: it goes from 0 to 99");
  EXPECT_EQ(mistake("stack", "4096"), "6:28 podrun.io/limit-stack: 4Ki: no program starts with a stack below 128Ki");
  EXPECT_EQ(mistake("cpu", "nobody: 1"), "6:26 podrun.io/limit-cpu: no container is called \"nobody\"");
  EXPECT_EQ(mistake("cpu", "1\\n2"),
            "6:26 podrun.io/limit-cpu: two lines are without a name: only one can be for all other containers");
  EXPECT_EQ(mistake("files", "1"),
            "6:5 podrun has no annotation \"podrun.io/limit-files\" (did you mean \"podrun.io/limit-fsize\"?)");
}

}  // namespace
}  // namespace podrun::pod
