// podrun image load: archives, folders and root file systems.
#include <filesystem>
#include <fstream>

#include <sys/stat.h>

#include "tests/images/registries.hpp"
#include "tests/namespaces/unpacker/tar_archive.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

using tests::TarArchive;

/// An archive of the image of make_image(), written by skopeo.
std::string make_archive(const TemporaryRoot& root, const std::string& transport, const std::string& name) {
  const std::string source = make_image(root, "source", {"one", "two"});
  const std::string file = root / (transport + ".tar");
  run_tool({"/usr/bin/skopeo", "copy", "-q", source, transport + ":" + file + (name.empty() ? "" : ":" + name)});
  return file;
}

TEST(ImageLoad, ADockerArchiveKeepsItsNames) {
  const TemporaryRoot root;
  const Finished loaded = image(root, {"load", make_archive(root, "docker-archive", "localhost/app:1")});
  EXPECT_EQ(loaded.status, 0) << loaded.err;
  EXPECT_EQ(loaded.out, "Loaded image: localhost/app:1\n");
  EXPECT_EQ(layers_in(root).size(), 2U);
  EXPECT_EQ(image(root, {"verify"}).status, 0);
}

TEST(ImageLoad, AllImagesOfAnArchiveAreLoaded) {
  const TemporaryRoot root;
  const auto config = [](const std::string& diff_id) {
    return R"({"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[")" + diff_id +
           "\"]}}";
  };
  const std::string one = TarArchive().file("one", "1").finish(), two = TarArchive().file("two", "2").finish();
  const std::string file = root.write(
      "two.tar", TarArchive()
                     .file("1.tar", one)
                     .file("2.tar", two)
                     .file("1.json", config(tests::sha256_of(one)))
                     .file("2.json", config(tests::sha256_of(two)))
                     .file("manifest.json", R"([{"Config":"1.json","Layers":["1.tar"],"RepoTags":["localhost/a:1"]},)"
                                            R"({"Config":"2.json","Layers":["2.tar"],"RepoTags":null}])")
                     .finish());
  const Finished loaded = image(root, {"load", file});
  EXPECT_EQ(loaded.status, 0) << loaded.err;
  EXPECT_TRUE(matches(loaded.out, "^Loaded image: localhost/a:1\nLoaded image: sha256:[0-9a-f]{64}\n$"));
  EXPECT_TRUE(holds(loaded.err, "has no name: podrun image tag gives it one"));
  const Finished named = image(root, {"load", "--name", "localhost/b", file});
  EXPECT_EQ(named.status, 1);
  EXPECT_TRUE(holds(named.err, "there are 2 images, which cannot all have the name"));
}

TEST(ImageLoad, AnOciArchiveAndAFolderAreRecognised) {
  const TemporaryRoot root;
  const Finished archive = image(root, {"load", "--name", "app:a", make_archive(root, "oci-archive", "")});
  EXPECT_EQ(archive.status, 0) << archive.err;
  EXPECT_EQ(archive.out, "Loaded image: localhost/app:a\n");
  const Finished folder = image(root, {"load", "--name", "localhost/app:b", root / "source"});
  EXPECT_EQ(folder.status, 0) << folder.err;
  EXPECT_EQ(folder.out, "Loaded image: localhost/app:b\n");
  EXPECT_EQ(layers_in(root).size(), 2U);
  EXPECT_EQ(staging_in(root), std::vector<std::string>{});
}

TEST(ImageLoad, CompressedArchivesAndThoseFromAPipeAreLoaded) {
  const TemporaryRoot root;
  const std::string file = make_archive(root, "docker-archive", "localhost/app:1");
  run_tool({"/usr/bin/gzip", "-k", "-1", file});
  run_tool({"/usr/bin/zstd", "-q", file, "-o", file + ".zst"});
  for (const std::string& each : {file + ".gz", file + ".zst"}) {
    const Finished loaded = image(root, {"load", "-q", each});
    EXPECT_EQ(loaded.status, 0) << loaded.err;
    EXPECT_TRUE(matches(loaded.out, "^[0-9a-f]{64}\n$"));
  }
  PodRun piped({"/bin/sh", "-c", "cat " + file + " | " + podrun_program + " --root " + root.path() + " image load -"});
  EXPECT_EQ(piped.wait_exit(), 0) << piped.err();
  EXPECT_EQ(piped.out(), "Loaded image: localhost/app:1\n");
}

TEST(ImageLoad, ALoadThatIsInterruptedLeavesNothing) {
  const TemporaryRoot root;
  PodRun loading({"/bin/sh", "-c", "sleep 1000 | exec \"$0\" --root \"$1\" image load -", podrun_program, root.path()});
  ASSERT_TRUE(wait_until([&] { return !staging_in(root).empty() && !processes_called("podrun-puller").empty(); }));
  const pid_t loader = parent_of(processes_called("podrun-puller").front());
  ASSERT_TRUE(ns::send_signal(ns::open_process(loader).value(), SIGINT));
  ASSERT_TRUE(loading.wait_for_err("it was cancelled"));
  EXPECT_TRUE(wait_until([&] { return staging_in(root).empty() && processes_called("podrun-puller").empty(); }));
}

TEST(ImageLoad, AnArchiveThatOnlyRootMayReadIsLoaded) {
  const TemporaryRoot root;
  const std::string file = make_archive(root, "docker-archive", "localhost/app:1");
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  EXPECT_EQ(image(root, {"load", file}).status, 0);
}

TEST(ImageLoad, AFolderThatOnlyRootMayReadIsAnErrorWithItsCure) {
  const TemporaryRoot root;
  make_image(root, "source", {"one"});
  ASSERT_EQ(::chmod((root / "source/index.json").c_str(), 0600), 0);
  const Finished loaded = image(root, {"load", root / "source"});
  EXPECT_EQ(loaded.status, 1);
  EXPECT_TRUE(holds(loaded.err, "chmod -R o+rX"));
}

TEST(ImageLoad, ARootFileSystemNeedsAName) {
  const TemporaryRoot root;
  const std::string file = root.write(
      "rootfs.tar", TarArchive().folder("etc").file("etc/name", "app").file("bin", "x", {.mode = 04755}).finish());
  const Finished nameless = image(root, {"load", file});
  EXPECT_EQ(nameless.status, 1);
  EXPECT_TRUE(holds(nameless.err, "--name NAME"));
  const Finished loaded = image(root, {"load", "--name", "localhost/app", file});
  EXPECT_EQ(loaded.status, 0) << loaded.err;
  EXPECT_EQ(loaded.out, "Loaded image: localhost/app:latest\n");
  ASSERT_EQ(layers_in(root).size(), 1U);
  const std::string fs = root.layout().image_store() + "/layers/" + layers_in(root).front() + "/fs";
  EXPECT_EQ(contents_of(fs + "/etc/name"), "app");
  struct stat status;
  ASSERT_EQ(::stat((fs + "/bin").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 04755U);
  EXPECT_EQ(image(root, {"verify"}).status, 0);
}

TEST(ImageLoad, ACompressedRootFileSystemIsTheSameLayer) {
  const TemporaryRoot root;
  const std::string archive = TarArchive().file("name", "app").finish();
  const std::string plain = root.write("plain.tar", archive), packed = root.write("packed.tar", tests::gzip(archive));
  ASSERT_EQ(image(root, {"load", "--name", "localhost/a", plain}).status, 0);
  ASSERT_EQ(image(root, {"load", "--name", "localhost/b", packed}).status, 0);
  EXPECT_EQ(layers_in(root).size(), 1U);
}

TEST(ImageLoad, WhatIsNoArchiveIsAnErrorThatSaysSo) {
  const TemporaryRoot root;
  std::filesystem::create_directory(root / "folder");
  const std::pair<std::string, std::string> inputs[] = {
      {root.write("text", "this is a text that is no archive at all, and long enough to be looked at"), "no archive"},
      {root.write("empty", ""), "empty|no archive|name"},
      {root.write("cut.gz", tests::gzip(std::string(100'000, 'x')).substr(0, 60)), "."},
      {root / "folder", "no OCI image layout"},
      {root.write("broken.tar", TarArchive().file("manifest.json", "[{").finish()), "JSON|parse error"},
      {root.write("none.tar", TarArchive().file("manifest.json", "[]").finish()), "lists no image"},
      {root.write("lost.tar", TarArchive()
                                  .file("manifest.json", R"([{"Config":"c.json","Layers":["l.tar"],"RepoTags":null}])")
                                  .finish()),
       "skopeo|not found|c.json"},
      {root.write("escape.tar",
                  TarArchive()
                      .symlink("c.json", "/etc/shadow")
                      .file("manifest.json", R"([{"Config":"c.json","Layers":[],"RepoTags":["localhost/x:1"]}])")
                      .finish()),
       "skopeo|shadow|not found|c.json"},
  };
  for (const auto& [path, words] : inputs) {
    const Finished loaded = image(root, {"load", path});
    EXPECT_NE(loaded.status, 0) << path;
    EXPECT_TRUE(matches(loaded.err, "podrun: image load: [^\n]*(" + words + ")[^\n]*\n$")) << path;
    EXPECT_EQ(layers_in(root), std::vector<std::string>{});
    EXPECT_EQ(staging_in(root), std::vector<std::string>{}) << path;
  }
  EXPECT_EQ(image(root, {"load", root / "missing"}).status, 2);
  EXPECT_EQ(image(root, {"load", "/dev/zero"}).status, 2);
}

}  // namespace
}  // namespace podrun::test
