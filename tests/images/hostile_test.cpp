// Registries that lie, break off or say nothing: each ends with a sentence, and nothing is left.
#include "tests/images/registries.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

/// A repository of hostile_registry.py, and what is said of it.
struct Lie {
  std::string repository;
  std::string words;
};

const Lie lies[] = {
    {"long-manifest", "what was sent cannot be used: .*(longer than 4 MiB|exceeded maximum allowed size)"},
    {"page", "what was sent cannot be used: image manifest: parse error"},
    {"broken", "the registry cannot be reached or does not serve it: .*500 Internal Server Error"},
    {"index-in-index", "image index: it lists no image"},
    {"index-that-says-manifest", "the index leads to another index"},
    {"artifact", "artifact|no image"},
    {"schema1", "schema"},
    {"wrong-layer", "did not match"},
    {"wrong-config", "config|did not match|does not match"},
    {"larger-than-said", "bytes, and the manifest says 10"},
    {"smaller-than-said", "bytes, and the manifest says"},
    {"other-platform", "linux/s390x"},
    {"endless", "what was sent cannot be used"},
    {"cut", "the registry cannot be reached or does not serve it: .*EOF"},
    {"redirect-to-nowhere", "the registry cannot be reached"},
    {"rude", "the registry has no such image"},
};

TEST(HostileRegistry, EachLieIsASentenceAndLeavesNothing) {
  const TemporaryRoot root;
  const HostileRegistry registry(root);
  for (const auto& [repository, words] : lies) {
    const Finished pulled = pull(root, {"localhost:5002/" + repository});
    EXPECT_EQ(pulled.status, 1) << repository << ": " << pulled.err;
    EXPECT_TRUE(matches(pulled.err, "podrun: localhost:5002/" + repository + ": [^\n]*(" + words + ")[^\n]*\n$"));
    EXPECT_EQ(pulled.err.find("signature-that"), std::string::npos) << pulled.err;
    EXPECT_EQ(pulled.err.find("hunter2"), std::string::npos) << pulled.err;
    EXPECT_EQ(pulled.err.find('\x1b'), std::string::npos) << pulled.err;
    EXPECT_EQ(staging_in(root), std::vector<std::string>{}) << repository;
    EXPECT_EQ(layers_in(root), std::vector<std::string>{}) << repository;
    EXPECT_EQ(image(root, {"ls", "-q"}).out, "") << repository;
  }
}

TEST(HostileRegistry, AnotherManifestThanThatOfTheDigestIsRefused) {
  const TemporaryRoot root;
  const HostileRegistry registry(root);
  const Finished pulled = pull(root, {"localhost:5002/another-manifest@sha256:" + std::string(64, '1')});
  EXPECT_EQ(pulled.status, 1);
  EXPECT_TRUE(holds(pulled.err, "what was sent cannot be used: the manifest that the registry sent has the digest"));
}

TEST(HostileRegistry, LayersOfZstdAndRedirectsAndASlowRegistryAreFine) {
  const TemporaryRoot root;
  const HostileRegistry registry(root);
  for (const std::string repository : {"zstd", "redirect", "slow"}) {
    const Finished pulled = pull(root, {"localhost:5002/" + repository});
    EXPECT_EQ(pulled.status, 0) << repository << ": " << pulled.err;
    EXPECT_EQ(image(root, {"rm", "localhost:5002/" + repository}).status, 0);
  }
}

TEST(HostileRegistry, ARegistryThatFallsSilentIsGivenUp) {
  const TemporaryRoot root;
  const HostileRegistry registry(root);
  const Finished pulled = pull(root, {"--stall-timeout=1", "localhost:5002/stall"});
  EXPECT_EQ(pulled.status, 1);
  EXPECT_TRUE(holds(pulled.err, "the registry has sent nothing for 1 second"));
  EXPECT_EQ(staging_in(root), std::vector<std::string>{});
}

TEST(HostileRegistry, ASlowTransferIsLongerThanTheTimeWithoutProgress) {
  const TemporaryRoot root;
  const HostileRegistry registry(root);
  const Finished pulled = pull(root, {"--stall-timeout=1", "localhost:5002/slow"});
  EXPECT_EQ(pulled.status, 0) << pulled.err;
}

}  // namespace
}  // namespace podrun::test
