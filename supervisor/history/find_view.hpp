// The status of a pod, wherever it is: in its state, or, after its end, in its logs.
#pragma once

#include <string>
#include <vector>

#include "namespaces/paths/directory_handle.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/history/logged_event.hpp"
#include "supervisor/state/pod_view.hpp"

namespace podrun::supervisor {

/// The pods that run; with `all` also the dead ones and those that have left only logs, each with its last run. Notes on
/// stderr what cannot be read.
std::vector<PodView> find_views(const Layout& layout, bool all);

/// One pod, which may run, be dead, or have left only logs.
PodView find_view(const Layout& layout, const std::string& id);

/// The folder of the logs of a pod's present or last run, open; of a pod without logs it is not open.
ns::DirectoryHandle last_log_folder(const Layout& layout, const std::string& id);

/// <namespace>_<name>
std::string id_of(const PodView& pod);
EventSubject subject_of(const PodView& pod);

}  // namespace podrun::supervisor
