// A pod whose instances can be counted.
#include "tests/system/support/counted_pod.hpp"

#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/system/support/manifest.hpp"
#include "tests/system/support/procfs.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;

std::string name_of(int container) {
  return fmt::format("c{}", container);
}
int code_of(int container) {
  return 21 + container;
}

}  // namespace

CountedPod::CountedPod(const TemporaryRoot& root, int containers)
    : root_(root),
      containers_(containers),
      image_("rootfs:" + root.make_rootfs("image")),
      runs_(root / "runs") {}

std::string CountedPod::write(Behaviour behaviour) const {
  fs::remove_all(runs_);
  fs::remove_all(root_.layout().logs());
  fs::create_directory(runs_);
  const bool restarts = behaviour == Behaviour::Restart;
  std::vector<ContainerText> texts;
  for (int container = 0; container < containers_; ++container)
    texts.push_back(
        {name_of(container), "",
         fmt::format("command: [podrun-probe, instance, /runs, {}, {}]\n"
                     "volumeMounts: [{{name: runs, mountPath: /runs}}]",
                     name_of(container), restarts ? "'11', '0'" : fmt::format("'{}'", code_of(container))),
         image_});
  const std::string spec = fmt::format("restartPolicy: {}\nvolumes: [{{name: runs, hostPath: {{path: {}}}}}]",
                                       restarts ? "OnFailure" : "Never", runs_);
  return root_.write("pod.yaml", manifest("pod", texts, spec));
}

void CountedPod::check(Behaviour behaviour, const std::string& said) const {
  SCOPED_TRACE(said);
  const std::size_t instances = behaviour == Behaviour::Restart ? 2 : 1;
  const fs::path logs = fs::directory_iterator(root_.layout().logs())->path();
  const auto status = nlohmann::json::parse(contents_of(logs / "status.json"), nullptr, false);
  ASSERT_FALSE(status.is_discarded());
  for (int container = 0; container < containers_; ++container) {
    const std::string name = name_of(container);
    SCOPED_TRACE(name);
    const auto runs = lines_of(contents_of(runs_ + "/" + name + ".runs"));
    EXPECT_EQ(runs.size(), instances);
    EXPECT_FALSE(fs::exists(runs_ + "/" + name + ".overlaps"));
    for (std::size_t instance = 0; instance < runs.size(); ++instance) {
      const auto log = lines_of(contents_of(logs / name / fmt::format("{}.log", instance)));
      ASSERT_EQ(log.size(), 1U) << "of instance " << instance;
      EXPECT_TRUE(log[0].ends_with(" stdout F " + runs[instance])) << log[0];
    }
    const auto& told = status.at("status").at("containerStatuses").at(static_cast<std::size_t>(container));
    EXPECT_EQ(told.at("restartCount"), instances - 1);
    EXPECT_EQ(told.at("state").at("terminated").at("exitCode"),
              behaviour == Behaviour::Restart ? 0 : code_of(container));
    EXPECT_EQ(told.at("state").at("terminated").value("message", ""), runs.empty() ? "" : runs.back() + "\n");
  }
}

}  // namespace podrun::test
