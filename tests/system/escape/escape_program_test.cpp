// A container whose entry point is `#!/proc/self/exe` executes podrun's program, with the loader and libraries of an
// attacker, as in CVE-2019-5736. It can never write to the program.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;

/// With this the front executes podrun-service. The other program is static, so an image has no part in how it runs.
const std::pair<std::string, std::string> as_service{"JOURNAL_STREAM", "0:0"};

/// An image with the loader and the libraries that podrun's program needs, and one more.
std::string make_hostile_image(const TemporaryRoot& root) {
  const std::string rootfs = root.make_rootfs("hostile");
  // The loader prints the libraries that it would load, and ends: ld.so(8).
  const Finished traced = run(root, {"--version"}, {.environment = {as_service, {"LD_TRACE_LOADED_OBJECTS", "1"}}});
  const std::regex library("(/[^ ]+) \\(");
  for (std::sregex_iterator found(traced.out.begin(), traced.out.end(), library), end; found != end;
       ++found) {
    const fs::path copy = rootfs + found->str(1);
    fs::create_directories(copy.parent_path());
    fs::copy_file(found->str(1), copy);
  }
  fs::copy_file(build_folder + "/podrun-stowaway.so", rootfs + "/stowaway.so");
  std::ofstream(rootfs + "/etc/ld.so.preload") << "/stowaway.so\n";
  std::ofstream(rootfs + "/entry") << "#!/proc/self/exe\n";
  fs::permissions(rootfs + "/entry", fs::perms(0755));
  return rootfs;
}

TEST(ProgramOverwrite, TheProgramStaysReadOnlyWhileNoSupervisorRuns) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer wants to be loaded first, and so does the attacker";
#endif
  const std::string program = build_folder + "/podrun-service", before = contents_of(program);
  const TemporaryRoot root;
  const std::string image = "rootfs:" + make_hostile_image(root);
  PodRun pod(root,
             {root.write("hostile.yaml", manifest("hostile", {{"c", "", "command: [/entry]", image}}))},
             {.environment = {as_service}});
  ASSERT_TRUE(pod.wait_for_out("the program: inode "));
  struct stat status {};
  ASSERT_EQ(::stat(program.c_str(), &status), 0);
  EXPECT_TRUE(holds(pod.out(), fmt::format("inode {}\n", status.st_ino)))
      << "it has got hold of the program itself";

  // A running program cannot be written to (ETXTBSY), and the attacker goes on trying. Let there be moments in which it
  // does not run.
  SupervisorKiller killer(pod.pid());
  for (int kill = 0; kill < 3; ++kill) EXPECT_TRUE(killer.kill_next());
  ASSERT_TRUE(pod.wait_for_out("write the program: "));
  EXPECT_TRUE(holds(pod.out(), "write the program: EROFS"));
  EXPECT_EQ(pod.wait_exit(), 0) << "and the pod goes on to its end";
  EXPECT_TRUE(contents_of(program) == before);
}

}  // namespace
}  // namespace podrun::test
