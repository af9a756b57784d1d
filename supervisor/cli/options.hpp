// Decodes the command line. options.cpp alone uses Boost.Program_options.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pod/image/platform.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/policies.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/command_error.hpp"
#include "supervisor/core/times.hpp"
#include "supervisor/history/wait_outcome.hpp"

namespace podrun::supervisor {

/// The command to perform.
enum class Verb {
  Run,
  Rm,
  Check,
  Plan,
  Script,
  Ps,
  Stop,
  Logs,
  Attach,
  Exec,
  Debug,
  Ns,
  Timeline,
  Status,
  Events,
  Why,
  Wait,
  Info,
  Volumes,
  Image,
  Network,
  Schema,
  Help,
  Version,
  Supervise
};

/// -o: the format of the output.
enum class Format { Text, Wide, Json, Yaml, Dot, Svg };

/// --since, --until: so long ago, or a point in time.
using Since = std::variant<std::chrono::milliseconds, WallTime>;

/// The decoded command line. Members of options that a command does not have keep their defaults; giving such an option
/// is an error.
struct Options {
  Verb verb = Verb::Help;
  std::string root;                           ///< --root: all files of podrun are below this directory
  std::string namespace_name;                 ///< -n; empty: the manifest's, else "default"
  std::vector<std::string> operands;          ///< FILE (also those of run -f), NAME, CONTAINER
  std::vector<std::string> files;             ///< stop -f, rm --file
  std::string container;                      ///< logs, attach, exec, debug, why -c; debug --target
  bool detach = false;                        ///< run -d
  std::optional<Awaited> wait;                ///< run --wait
  Awaited awaited = Awaited::Completed;       ///< wait --for
  std::optional<std::chrono::milliseconds> timeout;  ///< wait --timeout
  Format format = Format::Text;               ///< -o
  bool replace = false;                       ///< run --replace
  std::optional<pod::PullPolicy> pull;        ///< run --pull; empty: as the manifests say
  bool all = false;                           ///< ps, stop, rm -a
  bool all_namespaces = false;                ///< ps -A
  bool quiet = false;                         ///< ps -q
  bool follow = false;                        ///< logs, events -f
  bool previous = false;                      ///< logs -p
  bool timestamps = false;                    ///< logs -t
  bool prefix = false;                        ///< logs --prefix
  bool all_containers = false;                ///< logs --all-containers
  bool raw = false;                           ///< run, logs --raw
  std::optional<std::size_t> tail;            ///< logs --tail; empty also for all lines
  std::optional<Since> since;                 ///< logs --since
  std::optional<Since> until;                 ///< logs --until
  std::optional<std::chrono::seconds> grace;  ///< stop, rm -t
  bool force = false;                         ///< rm -f
  bool leftovers = false;                     ///< rm --leftovers
  bool verify = false;                        ///< ns --verify
  std::string image_verb;                     ///< image: the word after it
  bool dry_run = false;                       ///< image prune --dry-run
  pod::PullPolicy pull_policy = pod::PullPolicy::Always;  ///< image pull --policy
  std::optional<pod::Platform> platform;                  ///< image pull, load --platform
  std::string creds;                                      ///< image pull --creds
  std::string authfile;                                   ///< image pull --authfile
  bool without_tls = false;                               ///< image pull --tls-verify=false
  std::optional<std::chrono::milliseconds> patience;      ///< image pull --stall-timeout
  std::string image_name;                                 ///< image load --name
  std::vector<std::string> command;           ///< exec, debug … COMMAND
  bool input = false;                         ///< attach, exec, debug -i
  bool terminal = false;                      ///< attach, exec, debug -t
  std::optional<pod::NamespaceSet> kinds;     ///< exec --ns
  bool host_root = false;                     ///< exec --root host
  std::string image;                          ///< debug --image
  std::string pod;                            ///< run, check, plan, script --pod
  bool lenient = false;                       ///< run, check, plan, script --lenient
  bool verbose = false;                       ///< check -v
  std::string help;                           ///< Verb::Help: the text to print
};

/// Says which pods a command line without a name could mean: "; pod web runs: podrun stop web". May be empty.
using PodsHint = std::function<std::string(const Options& options)>;

/// Decodes the command line. The first word that is not an option is a command if there is one of that name, else a
/// file: `podrun FILE` is `podrun run FILE`. Errors are one sentence, with "did you mean" if the name of a command or
/// option is similar, and with the command that podrun has instead if it is one of podman, docker, compose or kubectl.
CommandResult<Options> parse_options(const std::vector<std::string>& words, const PodsHint& hint = {});

}  // namespace podrun::supervisor
