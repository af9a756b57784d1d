// Names without a registry, mirrors and policies: what is in /etc/containers.
#include <sys/mount.h>

#include <memory>

#include "namespaces/kernel/files.hpp"
#include "tests/images/registries.hpp"
#include "tests/system/support/mount_namespace.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

/// A mount namespace in which /etc/containers has these files.
class Configured {
 public:
  Configured(const TemporaryRoot& root, const std::string& registries, const std::string& policy = "") {
    const std::string folder = root / "containers";
    (void)ns::make_directories(folder + "/registries.conf.d", 0755);
    root.write("containers/registries.conf", registries);
    root.write("containers/policy.json",
               policy.empty() ? R"({"default":[{"type":"insecureAcceptAnything"}]})" : policy);
    mounts_ = std::make_unique<MountNamespace>(MS_PRIVATE, [&] {
      return ::mount(folder.c_str(), "/etc/containers", nullptr, MS_BIND, nullptr) == 0;
    });
  }
  Setting setting() const { return {.mount_namespace = mounts_->fd()}; }

 private:
  std::unique_ptr<MountNamespace> mounts_;
};

constexpr char insecure[] = "[[registry]]\nlocation = \"localhost:5000\"\ninsecure = true\n";

TEST(ShortNames, AnAliasAndASearchRegistryLeadToTheImage) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  registry.push(make_image(root, "app", {"one"}), "team/app:1");
  const Configured configured(root, std::string("unqualified-search-registries = [\"localhost:5000\"]\n") + insecure +
                                        "[aliases]\n\"short\" = \"localhost:5000/team/app\"\n");
  const Finished by_alias = image(root, {"pull", "short:1"}, configured.setting());
  EXPECT_EQ(by_alias.status, 0) << by_alias.err;
  EXPECT_TRUE(holds(by_alias.err, "localhost:5000/team/app:1 is sha256:"));
  const Finished by_search = image(root, {"pull", "team/app:1"}, configured.setting());
  EXPECT_EQ(by_search.status, 0) << by_search.err;
  EXPECT_EQ(by_search.out, by_alias.out);
}

TEST(ShortNames, WithoutBothTheRegistryIsDockerHub) {
  const TemporaryRoot root;
  const Configured configured(root, "");
  const Finished pulled = image(root, {"pull", "app:1"}, configured.setting());
  EXPECT_EQ(pulled.status, 1);
  EXPECT_TRUE(holds(pulled.err, "pulling docker.io/library/app:1"));
}

TEST(ShortNames, ALaterFileReplacesWhatAnEarlierOneSays) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  registry.push(make_image(root, "app", {"one"}), "app:1");
  const Configured configured(root, std::string("unqualified-search-registries = [\"registry.invalid\"]\n") + insecure);
  root.write("containers/registries.conf.d/50-here.conf", "unqualified-search-registries = [\"localhost:5000\"]\n");
  EXPECT_EQ(image(root, {"pull", "app:1"}, configured.setting()).status, 0);
}

TEST(ShortNames, OfSeveralRegistriesEachIsTried) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  registry.push(make_image(root, "app", {"one"}), "app:1");
  const Configured configured(
      root, std::string("unqualified-search-registries = [\"localhost:5009\", \"localhost:5000\"]\n") + insecure);
  EXPECT_EQ(image(root, {"pull", "app:1"}, configured.setting()).status, 0);
  const Finished missing = image(root, {"pull", "app:2"}, configured.setting());
  EXPECT_EQ(missing.status, 1);
  EXPECT_TRUE(holds(missing.err, "localhost:5009/app: "));
  EXPECT_TRUE(holds(missing.err, "localhost:5000/app: the registry has no such image"));
}

TEST(ShortNames, AMistakeInRegistriesConfIsSaidWithItsLine) {
  const TemporaryRoot root;
  const Configured configured(root, "unqualified-search-registries = [\n\"localhost:5000\n");
  const Finished pulled = image(root, {"pull", "app:1"}, configured.setting());
  EXPECT_EQ(pulled.status, 1);
  EXPECT_TRUE(matches(pulled.err, "/etc/containers/registries.conf:[23]: "));
}

TEST(ShortNames, AMirrorIsAskedFirst) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  registry.push(make_image(root, "app", {"one"}), "copies/app:1");
  const Configured configured(root,
                              "[[registry]]\nlocation = \"registry.invalid\"\n"
                              "[[registry.mirror]]\nlocation = \"localhost:5000/copies\"\ninsecure = true\n");
  const Finished pulled = image(root, {"pull", "registry.invalid/app:1"}, configured.setting());
  EXPECT_EQ(pulled.status, 0) << pulled.err;
  EXPECT_TRUE(holds(pulled.err, "registry.invalid/app:1 is sha256:"));
}

TEST(ShortNames, ABlockedRegistryAndARefusingPolicyAreSaid) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  registry.push(make_image(root, "app", {"one"}), "app:1");
  {
    const Configured configured(root, "[[registry]]\nlocation = \"localhost:5000\"\nblocked = true\n");
    const Finished pulled = image(root, {"pull", "localhost:5000/app:1"}, configured.setting());
    EXPECT_EQ(pulled.status, 1);
    EXPECT_TRUE(holds(pulled.err, "the configuration in /etc/containers does not allow it"));
  }
  const Configured configured(root, insecure, R"({"default":[{"type":"reject"}]})");
  const Finished pulled = image(root, {"pull", "localhost:5000/app:1"}, configured.setting());
  EXPECT_EQ(pulled.status, 1);
  EXPECT_TRUE(holds(pulled.err, "the configuration in /etc/containers does not allow it"));
  EXPECT_EQ(layers_in(root), std::vector<std::string>{});
}

TEST(ShortNames, ASignatureThatThePolicyAsksForIsChecked) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  const std::string keys = root / "keys", source = make_image(root, "app", {"one"});
  ASSERT_TRUE(ns::make_directories(keys, 0700));
  const Setting gpg{.environment = {{"GNUPGHOME", keys}}};
  run_tool({"/usr/bin/gpg", "--batch", "--quiet", "--passphrase", "", "--quick-gen-key", "a@registry.example",
            "ed25519", "sign", "never"},
           gpg);
  const std::string key = run_tool({"/usr/bin/gpg", "--armor", "--export", "a@registry.example"}, gpg);
  const Configured configured(
      root, insecure,
      R"({"default":[{"type":"reject"}],"transports":{"docker":{"localhost:5000":[{"type":"signedBy",)"
      R"("keyType":"GPGKeys","keyPath":"/etc/containers/key.gpg"}]}}})");
  const std::string store = "file://" + (root / "containers/signatures");
  root.write("containers/key.gpg", key);
  for (const std::string& folder : {root / "containers/registries.d", root / "registries.d"})
    ASSERT_TRUE(ns::make_directories(folder, 0755));
  root.write("containers/registries.d/a.yaml",
             "docker:\n  localhost:5000:\n    lookaside: file:///etc/containers/signatures\n"
             "    sigstore: file:///etc/containers/signatures\n");
  root.write("registries.d/a.yaml", "docker:\n  localhost:5000:\n    sigstore-staging: " + store + "\n");
  run_tool({"/usr/bin/skopeo", "--registries.d", root / "registries.d", "copy", "-q", "--dest-tls-verify=false",
            "--sign-by", "a@registry.example", source, "docker://localhost:5000/signed:1"},
           gpg);
  run_tool({"/usr/bin/gpgconf", "--kill", "all"}, gpg);
  registry.push(source, "unsigned:1");
  const Finished pulled = image(root, {"pull", "localhost:5000/signed:1"}, configured.setting());
  EXPECT_EQ(pulled.status, 0) << pulled.err;
  const Finished refused = image(root, {"pull", "localhost:5000/unsigned:1"}, configured.setting());
  EXPECT_EQ(refused.status, 1);
  EXPECT_TRUE(holds(refused.err, "A signature was required"));
}

TEST(ShortNames, APolicyIsObeyedAlsoIfAllLayersAreHere) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  registry.push(make_image(root, "app", {"one"}), "app:1");
  registry.push(make_image(root, "app", {"one"}), "other:1");
  ASSERT_EQ(pull(root, {"localhost:5000/app:1"}).status, 0);
  const Configured configured(root, insecure, R"({"default":[{"type":"reject"}]})");
  EXPECT_EQ(image(root, {"pull", "localhost:5000/other:1"}, configured.setting()).status, 1);
}

}  // namespace
}  // namespace podrun::test
