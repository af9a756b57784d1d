// Starts podrun-resolver.
#include "namespaces/launch/start_resolver.hpp"

#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/resolver/resolver_start.hpp"
#include "pod/network/helper_identity.hpp"

namespace podrun::ns {
namespace {

/// A mount of the folder that is attached nowhere.
Result<Fd> mount_of(int folder) {
  Fd mount(sys::open_tree(folder, "", OPEN_TREE_CLONE | AT_EMPTY_PATH));
  if (!mount) return fail_system("podrun-resolver: the folder of names: open_tree");
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
                        MOUNT_ATTR_NOSYMFOLLOW;
  attributes.propagation = MS_PRIVATE;
  if (sys::mount_setattr(mount.get(), 0, attributes) < 0)
    return fail_system("podrun-resolver: the folder of names: mount_setattr");
  return mount;
}

}  // namespace

Result<StartedHelper> start_resolver(const HelperSite& site, const ResolverStart& start) {
  const Fd folder = TRY(mount_of(start.names_folder));
  HelperStart helper{.name = resolver_name, .descriptors = {folder.get()}, .has_gate = true};
  helper.descriptors.insert(helper.descriptors.end(), start.sockets.begin(), start.sockets.end());
  helper.words = {"--user",    std::to_string(pod::resolver_uid(start.number)),
                  "--sockets", std::to_string(start.sockets.size()),
                  "--idle",    std::to_string(start.idle.count())};
  helper.words.insert(helper.words.end(), start.upstreams.begin(), start.upstreams.end());
  return start_helper(site, helper);
}

}  // namespace podrun::ns
