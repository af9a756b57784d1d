// Containers and volumes from images of the store, which have many layers; and what keeps those from being removed.
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "tests/namespaces/image_layers.hpp"
#include "tests/system/support/stored_image.hpp"
#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using tests::ImageLayers;

constexpr char app[] = "registry.example/app:1";

FillLayer file(const std::string& path, const std::string& text) {
  return [path, text](const std::string& root) { ImageLayers::write(root + path, text); };
}

/// What a container prints that runs in an image to its end.
Finished run_in(const TemporaryRoot& root, const std::string& script, const std::string& fields = "") {
  return run(root, {"run", root.write("pod.yaml", manifest("pod", {{"a", script, fields, app}}))});
}

TEST(StoredImages, AContainerSeesAllLayersAsOneRoot) {
  const TemporaryRoot root;
  std::vector<FillLayer> layers{busybox_layer(root)};
  for (int i = 1; i < 100; ++i) layers.push_back(file(fmt::format("/layers/{}", i), std::to_string(i)));
  layers.push_back([](const std::string& top) {
    ImageLayers::hide(top + "/layers/7");
    ImageLayers::make_opaque(top + "/usr");
  });
  { store_image(root, app, layers); }
  const Finished ran = run_in(root, "ls /layers | wc -l\ncat /layers/99; echo\nls /layers/7 2>&1\n"
                                    "rm -r /layers && mkdir /layers && ls /layers | wc -l");
  EXPECT_EQ(ran.out, "a | 98\na | 99\na | ls: /layers/7: No such file or directory\na | 0\n") << ran.err;
}

TEST(StoredImages, TheConfigSaysWhatRunsAndAsWhom) {
  const TemporaryRoot root;
  {
    store_image(root, app,
                {busybox_layer(root), file("/etc/passwd", "root:x:0:0::/root:/bin/sh\nold:x:5:5::/:/bin/sh\n"),
                 [](const std::string& top) {
                   ImageLayers::write(top + "/etc/passwd", "root:x:0:0::/root:/bin/sh\nweb:x:7:8::/srv:/bin/sh\n");
                   ImageLayers::write(top + "/etc/group", "staff:x:9:web\n");
                 }},
                R"("Entrypoint":["/bin/sh","-c"],"Cmd":["id -u; id -g; id -G; pwd; echo $HOME $COLOUR"],)"
                R"("Env":["COLOUR=blue"],"WorkingDir":"/made","User":"web:staff")");
  }
  const std::string text =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: pod}\nspec:\n  restartPolicy: Never\n"
      "  containers: [{name: a, image: registry.example/app:1}]\n";
  const Finished ran = run(root, {"run", root.write("pod.yaml", text)});
  EXPECT_EQ(ran.out, "a | 7\na | 9\na | 9\na | /made\na | /srv blue\n") << ran.err;
}

TEST(StoredImages, AVolumeOfTheConfigIsWritableInAReadOnlyRootAndFreshForEachInstance) {
  const TemporaryRoot root;
  {
    store_image(root, app, {busybox_layer(root), file("/data/given", "of the image\n")},
                R"("Volumes":{"/data":{},"/made":{}})");
  }
  const Finished ran =
      run(root, {"run", root.write("pod.yaml",
                                   manifest("pod",
                                            {{"a",
                                              "cat /data/given; cat /data/own 2>/dev/null\n"
                                              "echo changed > /data/given && echo x > /data/own && touch /made/file\n"
                                              "touch /elsewhere 2>/dev/null || echo read-only\n"
                                              "[ -e /shared/again ] || { touch /shared/again; exit 1; }",
                                              "securityContext: {readOnlyRootFilesystem: true}\n"
                                              "volumeMounts: [{name: shared, mountPath: /shared}]\n",
                                              app}},
                                            "restartPolicy: OnFailure\nvolumes: [{name: shared, emptyDir: {}}]"))});
  EXPECT_EQ(ran.out, "a | of the image\na | read-only\na | of the image\na | read-only\n") << ran.err;
}

TEST(StoredImages, AnImageVolumeShowsAnImageReadOnly) {
  const TemporaryRoot root;
  {
    store_image(root, app, {file("/tools/low", "low\n"), [](const std::string& top) {
                              ImageLayers::write(top + "/tools/top", "top\n");
                              fs::create_directory_symlink("/tools", top + "/link");
                            }});
  }
  const Finished ran =
      run(root,
          {"run",
           root.write("pod.yaml",
                      manifest("pod",
                               {{"a",
                                 "cat /v/tools/low /v/tools/top /part/top /linked/low\n"
                                 "touch /v/new 2>/dev/null || echo read-only",
                                 "volumeMounts:\n- {name: v, mountPath: /v}\n"
                                 "- {name: v, mountPath: /part, subPath: tools}\n"
                                 "- {name: v, mountPath: /linked, subPath: link}\n"}},
                               "restartPolicy: Never\n"
                               "volumes: [{name: v, image: {reference: registry.example/app:1}}]"))});
  EXPECT_EQ(ran.out, "a | low\na | top\na | top\na | low\na | read-only\n") << ran.err;
}

TEST(StoredImages, TheStatusSaysWhichImageRuns) {
  const TemporaryRoot root;
  const std::string digest = pod::digest_of("index");
  std::string id;
  { id = store_image(root, app, {busybox_layer(root)}, "", digest).record.summary.id; }
  const std::string file = root.write("pod.yaml", manifest("pod", {{"a", until_stopped, "", app}}));
  ASSERT_EQ(run(root, {"run", "-d", file}).status, 0);
  EXPECT_TRUE(holds(run(root, {"status", "pod", "-o", "json"}).out,
                    "\"imageID\": \"registry.example/app@" + digest + "\""))
      << run(root, {"status", "pod", "-o", "json"}).out;
  EXPECT_EQ(run(root, {"stop", "-t", "0", "pod"}).status, 0);
}

TEST(StoredImages, AnImageThatRunsIsNotRemovedEvenWhileNoSupervisorLives) {
  const TemporaryRoot root;
  std::string digest;
  { digest = store_image(root, app, {busybox_layer(root)}).record.summary.manifest_digest; }
  PodRun pod(root, {"run", root.write("pod.yaml", manifest("pod", {{"a", ready_until_stopped, "", app}}))});
  ASSERT_TRUE(pod.wait_for_out("ready")) << pod.err();
  const ns::ImageStore store(root.layout().image_store());
  const auto is_kept = [&] {
    const auto removed = store.remove_image(digest);
    return !removed && removed.error().number == EBUSY;
  };
  EXPECT_TRUE(is_kept());
  ASSERT_TRUE(SupervisorKiller(pod.pid()).kill_next());
  EXPECT_TRUE(is_kept());
  ASSERT_TRUE(pod.wait_for_err("took over 1 container")) << pod.err();
  EXPECT_TRUE(is_kept());
  pod.signal(SIGTERM);
  ASSERT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_FALSE(is_kept());
}

TEST(StoredImages, AFolderOfTheSameNameComesFirst) {
  const TemporaryRoot root;
  { store_image(root, app, {busybox_layer(root), file("/which", "store\n")}); }
  fs::create_directories(root / "var/lib/podrun/images/registry.example/app/1");
  const std::string rootfs = root.make_rootfs("folder");
  std::ofstream(rootfs + "/which") << "folder\n";
  fs::rename(rootfs, root / "var/lib/podrun/images/registry.example/app/1/rootfs");
  EXPECT_EQ(run_in(root, "cat /which").out, "a | folder\n");
}

}  // namespace
}  // namespace podrun::test
