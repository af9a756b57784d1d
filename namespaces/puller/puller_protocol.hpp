// How podrun-puller is started: its descriptors, its command line and its exit statuses.
//
//   descriptors  0  /dev/null
//                1  a pipe: the output of the task
//                2  a pipe: what skopeo, or the puller, says of an error
//                3  the staging folder, a detached mount, which becomes /staging; /dev/null: there is none
//                4  an archive or a folder: what the task reads. Of the task Run it is a detached mount, which becomes
//                   /source. /dev/null: there is none
//                5  a file in memory with the credentials, in the format of containers-auth.json(5); /dev/null: none
//
//   command line podrun-puller WHO TASK REGISTRY LARGEST_FILE [WORD…]
//                WHO           for people who look at the process
//                REGISTRY      "registry.example:5000", whose certificates are handed in; "-": none
//                LARGEST_FILE  in bytes, of the files that it writes
//
// The environment is that of skopeo: environment_of_puller().
#pragma once

#include <cstddef>
#include <cstdint>

namespace podrun::puller {

inline constexpr int staging_fd = 3, source_fd = 4, credentials_fd = 5;

/// The user and group of pullers. No other process has this number, nor do podrun's other helpers (helper::id).
inline constexpr std::uint32_t user_id = 2'147'000'004;

/// The tasks.
///   run      executes skopeo with the words
///   names    prints what registries.conf makes of the name that is its second word, after "short" if it has no registry
///            and "full" if it has: for each repository a line "REPOSITORY REGISTRY…", the registries that may be asked
///   archive  prints what the archive is, as JSON: {"kind": …, "images": [{"index": N, "names": […]}]}. With the word
///            "copy", or if it is compressed, it also writes what it reads, uncompressed, to /staging/input
inline constexpr char run_task[] = "run", names_task[] = "names", archive_task[] = "archive";

/// The places in the puller's root that its words can name.
inline constexpr char staging_place[] = "/staging", source_place[] = "/source";
inline constexpr char credentials_place[] = "/proc/self/fd/5";
/// Where the task archive writes the archive.
inline constexpr char input_name[] = "input";

/// Words of the tasks.
inline constexpr char short_name[] = "short", full_name[] = "full", must_copy[] = "copy";

/// The kinds of archives in the answer of the task archive.
inline constexpr char docker_archive[] = "docker-archive", oci_archive[] = "oci-archive", root_archive[] = "rootfs";

/// Its own exit statuses; skopeo's are 1 and 2. The reason is on stderr.
enum Exit : int { cannot_run = 70, no_skopeo = 71 };

/// Where skopeo is looked for.
inline constexpr char search_path[] = "/usr/local/bin:/usr/bin:/bin";

}  // namespace podrun::puller
