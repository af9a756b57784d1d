// Registries that a test starts, in the network namespace of the tests, and images for them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/system/support/pod_run.hpp"
#include "tests/system/support/temporary_root.hpp"

namespace podrun::test {

/// How Debian's docker-registry is started.
struct RegistrySetting {
  int port = 5000;
  std::string password{};  ///< of the user "reader"; empty: everybody may read and write
  bool tls = false;        ///< with the certificate ROOT/registry.pem, for "localhost"
};

/// Debian's docker-registry at 127.0.0.1.
class DockerRegistry {
 public:
  explicit DockerRegistry(const TemporaryRoot& root, const RegistrySetting& setting = {});

  /// Copies an image there with skopeo: from "oci:FOLDER:image" to "localhost:5000/NAME". Returns the digest of the
  /// manifest. `words` are more words for skopeo copy.
  std::string push(const std::string& source, const std::string& name, const std::vector<std::string>& words = {});
  /// Whether its log has a request for this path.
  bool was_asked_for(const std::string& path) const;

 private:
  const TemporaryRoot& root_;
  RegistrySetting setting_;
  std::string log_;
  std::unique_ptr<PodRun> run_;
};

/// The registry of hostile_registry.py, at port 5002. Its repositories are "localhost:5002/…".
class HostileRegistry {
 public:
  explicit HostileRegistry(const TemporaryRoot& root);

  /// The requests so far: "GET /v2/".
  std::vector<std::string> requests() const;

 private:
  std::string log_;
  PodRun run_;
};

/// Makes an image in ROOT/NAME, an OCI layout, whose layers have one file each: "/TEXT" with the content TEXT. Returns
/// "oci:FOLDER:image".
std::string make_image(const TemporaryRoot& root, const std::string& name, const std::vector<std::string>& texts);

/// Runs a program of the host to its end, and expects that it succeeds. Returns its output.
std::string run_tool(const std::vector<std::string>& words, const Setting& setting = {});

/// Runs `podrun image WORDS…`.
Finished image(const TemporaryRoot& root, const std::vector<std::string>& words, const Setting& setting = {});
/// Runs `podrun image pull --tls-verify=false WORDS…`.
Finished pull(const TemporaryRoot& root, const std::vector<std::string>& words, const Setting& setting = {});

/// The names of the layers in the store, and of the folders in its staging.
std::vector<std::string> layers_in(const TemporaryRoot& root);
std::vector<std::string> staging_in(const TemporaryRoot& root);

/// Whether a condition becomes true before the deadline of a test. It is looked at again and again.
bool wait_until(const std::function<bool()>& condition);

/// The descendants of this process whose name is `comm`.
std::vector<pid_t> processes_called(const std::string& comm);

}  // namespace podrun::test
