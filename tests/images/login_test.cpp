// Credentials and certificates of registries.
#include "namespaces/kernel/files.hpp"
#include "tests/images/registries.hpp"
#include "tests/system/support/mount_namespace.hpp"
#include "tests/system/support/support.hpp"

#include <sys/mount.h>
#include <sys/stat.h>

#include "pod/image/registry_login.hpp"

namespace podrun::test {
namespace {

const std::string password = "open-sesame";

std::string auth_json(const std::string& registry, const std::string& text) {
  return R"({"auths":{")" + registry + R"(":{"auth":")" + pod::encode_base64(text) + R"("}}})";
}

/// No file of this host has credentials.
Setting no_home(const TemporaryRoot& root) {
  return {.environment = {{"HOME", root / "home"}, {"XDG_RUNTIME_DIR", root / "run-dir"}}};
}

Setting with_home(const TemporaryRoot& root, const std::string& file, const std::string& text) {
  (void)ns::make_directories((root / file).substr(0, (root / file).rfind('/')), 0700);
  root.write(file, text);
  return no_home(root);
}

TEST(ImageLogin, WithoutOrWithWrongCredentialsThePullFailsAndSaysWhy) {
  const TemporaryRoot root;
  DockerRegistry registry(root, {.password = password});
  registry.push(make_image(root, "app", {"one"}), "app:1");
  for (const std::vector<std::string>& words : {std::vector<std::string>{"localhost:5000/app:1"},
                                               {"--creds", "reader:wrong", "localhost:5000/app:1"}}) {
    const Finished pulled = pull(root, words, no_home(root));
    EXPECT_EQ(pulled.status, 1);
    EXPECT_TRUE(holds(pulled.err, "the registry does not accept the credentials"));
    EXPECT_EQ(pulled.err.find("wrong"), std::string::npos);
  }
}

TEST(ImageLogin, CredentialsOfTheCommandLineAndOfEachFileAreAccepted) {
  const TemporaryRoot root;
  DockerRegistry registry(root, {.password = password});
  registry.push(make_image(root, "app", {"one"}), "app:1");
  const std::string good = auth_json("localhost:5000", "reader:" + password);
  const std::string file = root.write("given.json", good);
  EXPECT_EQ(pull(root, {"--creds", "reader:" + password, "localhost:5000/app:1"}, no_home(root)).status, 0);
  EXPECT_EQ(pull(root, {"--authfile", file, "localhost:5000/app:1"}, no_home(root)).status, 0);
  for (const std::string place : {"run-dir/containers/auth.json", "home/.config/containers/auth.json",
                                  "home/.docker/config.json"}) {
    const Finished pulled = pull(root, {"localhost:5000/app:1"}, with_home(root, place, good));
    EXPECT_EQ(pulled.status, 0) << place << ": " << pulled.err;
    root.write(place, R"({"auths":{}})");
    EXPECT_EQ(pull(root, {"localhost:5000/app:1"}, no_home(root)).status, 1) << place;
  }
}

TEST(ImageLogin, OfSeveralCredentialsTheFirstThatIsAcceptedCounts) {
  const TemporaryRoot root;
  DockerRegistry registry(root, {.password = password});
  registry.push(make_image(root, "app", {"one"}), "team/app:1");
  with_home(root, "run-dir/containers/auth.json", auth_json("localhost:5000/team", "reader:wrong"));
  const Setting setting =
      with_home(root, "home/.docker/config.json", auth_json("https://localhost:5000/v1/", "reader:" + password));
  const Finished pulled = pull(root, {"localhost:5000/team/app:1"}, setting);
  EXPECT_EQ(pulled.status, 0) << pulled.err;
}

TEST(ImageLogin, ABrokenFileIsNamedAndNotQuoted) {
  const TemporaryRoot root;
  const Finished pulled = pull(root, {"localhost:5000/app:1"},
                               with_home(root, "run-dir/containers/auth.json", R"({"auths": sesame-secret)"));
  EXPECT_EQ(pulled.status, 3);
  EXPECT_TRUE(holds(pulled.err, "run-dir/containers/auth.json: it is no JSON text"));
  EXPECT_EQ(pulled.err.find("sesame"), std::string::npos);
}

TEST(ImageLogin, APasswordIsReadFromStandardInput) {
  const TemporaryRoot root;
  DockerRegistry registry(root, {.password = password});
  registry.push(make_image(root, "app", {"one"}), "app:1");
  Setting setting = no_home(root);
  setting.terminal = true;
  PodRun pulling(root, {"image", "pull", "--tls-verify=false", "--creds", "reader", "localhost:5000/app:1"}, setting);
  ASSERT_TRUE(pulling.wait_for_out("Password: "));
  pulling.type(password + "\r");
  EXPECT_EQ(pulling.wait_exit(), 0) << pulling.out();
  EXPECT_EQ(pulling.out().find(password), std::string::npos);
}

TEST(ImageLogin, CredentialsAreInNoCommandLineEnvironmentOrFile) {
  const TemporaryRoot root;
  const HostileRegistry registry(root);
  PodRun pulling(root, {"image", "pull", "--tls-verify=false", "--creds", "reader:" + password, "localhost:5002/stall"},
                 no_home(root));
  ASSERT_TRUE(wait_until([&] { return !staging_in(root).empty() && !processes_called("skopeo").empty(); }));
  const std::string encoded = pod::encode_base64("reader:" + password);
  for (const pid_t pid : living_descendants())
    for (const std::string name : {"cmdline", "environ"})
      for (const std::string& secret : {password, encoded})
        EXPECT_EQ(proc_file(pid, name).find(secret), std::string::npos) << comm_of(pid) << " " << name;
  for (const std::string& secret : {password, encoded}) {
    PodRun search({"/usr/bin/grep", "-rlF", secret, root.path()});
    EXPECT_EQ(search.wait_exit(), 1) << search.out();
  }
  // Control: it does have them.
  const pid_t skopeo = processes_called("skopeo").front();
  EXPECT_TRUE(holds(contents_of("/proc/" + std::to_string(skopeo) + "/fd/5"), encoded));
}

TEST(ImageLogin, OnlyTheCredentialsOfItsRegistryReachThePuller) {
  const TemporaryRoot root;
  const HostileRegistry registry(root);
  const Setting setting = with_home(
      root, "run-dir/containers/auth.json",
      R"({"auths":{"localhost:5002":{"auth":"bWluZQ=="},"registry.example":{"auth":"b3RoZXJz"}}})");
  PodRun pulling(root, {"image", "pull", "--tls-verify=false", "localhost:5002/stall"}, setting);
  ASSERT_TRUE(wait_until([&] { return !staging_in(root).empty() && !processes_called("skopeo").empty(); }));
  const pid_t skopeo = processes_called("skopeo").front();
  const std::string given = contents_of("/proc/" + std::to_string(skopeo) + "/fd/5");
  EXPECT_TRUE(holds(given, "bWluZQ=="));
  EXPECT_EQ(given.find("b3RoZXJz"), std::string::npos) << given;
}

TEST(ImageLogin, ACertificateOfAnUnknownAuthorityIsRefusedUnlessItIsGiven) {
  const TemporaryRoot root;
  DockerRegistry registry(root, {.tls = true});
  registry.push(make_image(root, "app", {"one"}), "app:1");
  const Finished refused = image(root, {"pull", "localhost:5000/app:1"}, no_home(root));
  EXPECT_EQ(refused.status, 1);
  EXPECT_TRUE(holds(refused.err, "the connection to the registry is not secure"));
  Setting given = no_home(root);
  given.environment.emplace_back("SSL_CERT_FILE", root / "registry.pem");
  const Finished pulled = image(root, {"pull", "localhost:5000/app:1"}, given);
  EXPECT_EQ(pulled.status, 0) << pulled.err;
  EXPECT_EQ(image(root, {"pull", "--tls-verify=false", "localhost:5000/app:1"}, no_home(root)).status, 0);
}

TEST(ImageLogin, ARegistryWithoutTlsIsRefusedUnlessItMayBe) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  registry.push(make_image(root, "app", {"one"}), "app:1");
  const Finished refused = image(root, {"pull", "localhost:5000/app:1"}, no_home(root));
  EXPECT_EQ(refused.status, 1);
  EXPECT_TRUE(holds(refused.err, "the connection to the registry is not secure"));
}

TEST(ImageLogin, CertificatesThatOnlyRootMayReadAreUsed) {
  const TemporaryRoot root;
  DockerRegistry registry(root, {.tls = true});
  registry.push(make_image(root, "app", {"one"}), "app:1");
  const std::string etc = root / "etc-containers";
  run_tool({"/usr/bin/cp", "-r", "/etc/containers", etc});
  (void)ns::make_directories(etc + "/certs.d/localhost:5000", 0700);
  run_tool({"/usr/bin/install", "-m", "600", root / "registry.pem", etc + "/certs.d/localhost:5000/ca.crt"});
  const MountNamespace mounts(MS_PRIVATE, [&] {
    return ::mount(etc.c_str(), "/etc/containers", nullptr, MS_BIND, nullptr) == 0;
  });
  Setting setting = no_home(root);
  setting.mount_namespace = mounts.fd();
  const Finished pulled = image(root, {"pull", "localhost:5000/app:1"}, setting);
  EXPECT_EQ(pulled.status, 0) << pulled.err;
}

}  // namespace
}  // namespace podrun::test
