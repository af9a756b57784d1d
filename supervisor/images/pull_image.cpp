// Brings an image from a registry into the store.
#include "supervisor/images/pull_image.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "supervisor/images/layer_work.hpp"

namespace podrun::supervisor {
namespace {

using ns::FetchFault;
using ns::FetchResult;

template <typename T>
FetchResult<T> of_store(Result<T> result) {
  if (!result) return std::unexpected(error_of_store(result.error()));
  return std::move(*result);
}

/// Waits for another process that does the same work, until the caller gives up.
FetchResult<Fd> wait_for_work(const ns::ImageStore& store, const std::string& key, int cancel) {
  constexpr int interval = 100;  // milliseconds; a lock cannot be polled
  for (;;) {
    if (auto lock = TRY(of_store(store.lock_work(key, ns::Waiting::No)))) return std::move(*lock);
    pollfd polled{.fd = cancel, .events = POLLIN, .revents = 0};
    if (::poll(&polled, 1, interval) == 1) return ns::fail_fetch(FetchFault::Cancelled, "it was cancelled");
  }
}

/// One pull.
class Pull {
 public:
  Pull(const ns::ImageStore& store, const ImageTools& tools, const PullRequest& request, const PullObserver& observer)
      : store_(store), tools_(tools), request_(request), observer_(observer) {}

  FetchResult<PulledImage> run() {
    const pod::ImageReference& reference = request_.reference;
    if (request_.policy != pod::PullPolicy::Always)
      if (auto found = TRY(find(reference))) return std::move(*found);
    if (request_.policy == pod::PullPolicy::Never)
      return ns::fail_fetch(FetchFault::NotFound, "it is not in the image store, and the policy is never to pull it");
    if (reference.is_local())
      return ns::fail_fetch(FetchFault::NotFound,
                            "images of localhost are not pulled: podrun image load or podrun image tag makes them");
    return try_all(TRY(ns::repositories_for(tools_.fetch, reference)));
  }

 private:
  /// The image of that name, if it is there and whole.
  FetchResult<std::optional<PulledImage>> find(const pod::ImageReference& reference) {
    auto found = TRY(of_store(store_.find(reference)));
    if (!found.image) return std::nullopt;
    return PulledImage{.image = std::move(*found.image), .name = reference.canonical(), .was_here = true};
  }

  FetchResult<PulledImage> try_all(const std::vector<ns::Repository>& repositories) {
    std::string messages;
    FetchFault fault = FetchFault::NotFound;
    for (const ns::Repository& repository : repositories) {
      auto pulled = pull_from(repository);
      if (pulled || repositories.size() == 1 || pulled.error().fault == FetchFault::Cancelled) return pulled;
      fault = messages.empty() ? pulled.error().fault : fault;
      messages += (messages.empty() ? "" : "; ") + repository.name + ": " + pulled.error().message;
    }
    return ns::fail_fetch(fault, std::move(messages));
  }

  FetchResult<PulledImage> pull_from(const ns::Repository& repository) {
    ns::RemoteImage from{.reference = request_.reference};
    const std::size_t slash = repository.name.find('/');
    from.reference.registry = repository.name.substr(0, slash);
    from.reference.repository = slash == std::string::npos ? "" : repository.name.substr(slash + 1);
    from.reference.is_short = false;
    const std::string name = from.reference.canonical();
    const Fd work = TRY(wait_for_work(store_, name, tools_.fetch.cancel));
    if (request_.policy == pod::PullPolicy::IfNotPresent)
      if (auto found = TRY(find(from.reference))) return std::move(*found);
    if (observer_.asks) observer_.asks(name);
    Fd credentials;
    const ns::DescribedImage image = TRY(ask(from, repository, credentials));
    if (auto here = TRY(find(from.reference)))
      if (here->image.record.summary.manifest_digest == image.descriptor.digest) return std::move(*here);
    return fetch(from, image);
  }

  /// Fetches the manifest with each login that fits, until one is accepted.
  FetchResult<ns::DescribedImage> ask(ns::RemoteImage& from, const ns::Repository& repository, Fd& credentials) {
    std::vector<pod::RegistryLogin> logins, others;
    for (const auto& source : request_.logins) {
      std::ranges::move(pod::logins_for(repository.name, source), std::back_inserter(logins));
      for (const std::string& registry : repository.registries)
        if (registry != from.reference.registry)
          for (const pod::RegistryLogin& login : pod::logins_for(registry, source))
            if (!login.key.empty())
              others.push_back({.key = registry, .auth = login.auth, .identity_token = login.identity_token});
    }
    if (logins.empty() && others.empty()) return ns::fetch_manifest(tools_.fetch, from);
    if (logins.empty()) logins.emplace_back();
    for (std::size_t i = 0;; ++i) {
      const std::string text = pod::to_auth_json(from.reference.registry, logins[i], others);
      credentials = TRY(ns::file_in_memory("podrun-credentials", text));
      from.credentials = credentials.get();
      auto image = ns::fetch_manifest(tools_.fetch, from);
      if (image || i + 1 == logins.size() || image.error().fault != FetchFault::Unauthorized) return image;
    }
  }

  FetchResult<PulledImage> fetch(const ns::RemoteImage& from, ns::DescribedImage image) {
    const Fd manifest_work = TRY(wait_for_work(store_, image.descriptor.digest, tools_.fetch.cancel));
    TRY_VOID(ns::fetch_config(tools_.fetch, from, image));
    if (observer_.found) observer_.found(image);
    const ns::Staging staging = TRY(of_store(store_.stage()));
    const ns::PullFolder folder = TRY(of_store(ns::PullFolder::make_in(staging.directory())));
    LayerWork work = TRY(LayerWork::begin(store_, image, tools_.unpacker));
    const auto on_progress = [&](std::span<const ns::LayerProgress> layers) {
      work.advance(layers, staging, folder);
      if (observer_.layers) observer_.layers(layers);
    };
    TRY_VOID(ns::fetch_layers(tools_.fetch, from, image, work.is_here(), folder, on_progress));
    TRY_VOID(work.finish(staging, folder, tools_.fetch.cancel));
    const std::string name = from.reference.canonical();
    return PulledImage{.image = TRY(store_image(store_, tools_, staging, image, work, {name})),
                       .name = name,
                       .notes = work.notes()};
  }

  const ns::ImageStore& store_;
  const ImageTools& tools_;
  const PullRequest& request_;
  const PullObserver& observer_;
};

}  // namespace

FetchResult<ns::HeldImage> store_image(const ns::ImageStore& store, const ImageTools& tools, const ns::Staging& staging,
                                       const ns::DescribedImage& image, const LayerWork& work,
                                       const std::vector<std::string>& names) {
  const pod::ImageRecord record{.summary = {.manifest_digest = image.descriptor.digest,
                                            .index_digest = image.index_digest,
                                            .id = image.manifest.config.digest,
                                            .platform = image.config.platform,
                                            .created = image.config.created,
                                            .stored = rfc3339(tools.clock()),
                                            .layers = work.summary()},
                                .manifest = image.manifest_text,
                                .config = image.config_text};
  std::vector<ns::NewName> new_names;
  for (const std::string& name : names) new_names.push_back({.canonical = name, .resolved = image.resolved()});
  return of_store(store.commit_image(staging, record, new_names));
}

FetchResult<PulledImage> pull_image(const ns::ImageStore& store, const ImageTools& tools, const PullRequest& request,
                                    const PullObserver& observer) {
  return Pull(store, tools, request, observer).run();
}

}  // namespace podrun::supervisor
