// The table of verbs of other programs.
#include "supervisor/cli/foreign_verbs.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "pod/text/joined.hpp"
#include "supervisor/cli/command_words.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {
namespace {

/// Verbs with one answer. A dot joins a verb to a second word, or to an option that changes what it means.
struct Answer {
  std::string_view verbs;
  /// The command to type instead, or "". NAME and FILE stand for what was typed; [NAME] is left out if nothing was.
  std::string_view command;
  std::string_view sentence;  ///< what else is to say, or ""
};

constexpr std::string_view no_cluster = "there is no cluster and no API server, only this host";
constexpr std::string_view objects_of_pods =
    "Secrets and ConfigMaps are documents in the pod's manifest or in another FILE of podrun run";

constexpr std::array answers{
    Answer{"get.pvc get.persistentvolumeclaim get.persistentvolumeclaims get.pv get.persistentvolume "
           "get.persistentvolumes volume volume.ls volume.list system.df df",
           "podrun volumes", ""},
    Answer{"volume.rm volume.remove delete.pvc delete.persistentvolumeclaim", "podrun volumes rm NAME", ""},
    Answer{"volume.inspect describe.pvc describe.persistentvolumeclaim", "podrun volumes -o json", ""},
    Answer{"volume.prune", "podrun volumes", "podrun volumes rm NAME removes one"},
    Answer{"volume.create", "", "the volume of a claim is made when a pod first uses it"},
    Answer{"get.node get.nodes system system.info node nodes", "podrun info", ""},
    Answer{"get.-w get.--watch", "watch podrun ps [NAME]", "podrun events -f tells each change of one"},
    Answer{"get pods rollout.status", "podrun ps [NAME]", ""},
    Answer{"describe inspect", "podrun status NAME", "podrun why says what is wrong with it"},
    Answer{"apply.--dry-run create.--dry-run", "podrun check FILE", "podrun plan shows every step of the start"},
    Answer{"kube.play.--replace play.kube.--replace", "podrun run -d --replace FILE", ""},
    Answer{"kube.down kube.play.--down play.kube.--down", "podrun stop -f FILE", ""},
    Answer{"apply create play kube.play kube.apply play.kube", "podrun run -d FILE", ""},
    Answer{"delete.--all", "podrun stop --all", "podrun rm --all removes the logs of stopped pods"},
    Answer{"delete", "podrun stop NAME", "podrun rm removes the logs of a stopped pod"},
    Answer{"remove destroy", "podrun rm NAME", ""},
    Answer{"kill", "podrun stop -t 0 NAME", "podrun exec NAME -- kill -HUP 1 sends another signal, here HUP"},
    Answer{"start", "podrun run -d FILE", "a pod that has ended is started from its manifest"},
    Answer{"rollout.history rollout.undo", "", "podrun keeps no earlier manifests"},
    Answer{"restart rollout", "podrun run -d --replace FILE", "a pod is started anew from its manifest"},
    Answer{"replace patch edit set update", "podrun run -d --replace FILE", "the change is made in the manifest"},
    Answer{"rename label annotate", "", "the manifest has the name, the labels and the annotations of a pod"},
    Answer{"scale autoscale", "", "each pod runs once"},
    Answer{"compose.run container.run", "",
           "the containers of a pod are in its manifest; podrun debug NAME --image IMAGE -- COMMAND runs an image "
           "beside them"},
    Answer{"config.view config.get-contexts config.use-context config.current-context config.set-context "
           "config.get-clusters config.set-cluster",
           "", no_cluster},
    Answer{"config convert", "podrun check FILE", "podrun plan shows every step of the start"},
    Answer{"diff", "podrun plan FILE", "it shows what a start would do"},
    Answer{"top", "podrun exec -it NAME -- top", "the image must have that program"},
    Answer{"sh bash shell ssh enter", "podrun exec -it NAME -- sh", ""},
    Answer{"get.events get.event get.ev", "podrun events NAME", ""},
    Answer{"cp", "", "podrun exec NAME -- cat PATH > FILE, or podrun exec -i NAME -- sh -c 'cat > PATH' < FILE"},
    Answer{"prune system.prune container.prune pod.prune", "podrun rm --all", ""},
    Answer{"options", "podrun --help", ""},
    Answer{"explain", "podrun schema", "podrun-pod(5) says what each field does"},
    Answer{"port", "podrun ps -o wide NAME", "it shows the addresses and ports of the pod"},
    Answer{"port-forward expose proxy", "podrun ps -o wide",
           "it shows the addresses of pods, which this host reaches; hostPort in the manifest publishes a port"},
    Answer{"stats", "", "podrun does not measure CPU and memory; systemd-cgtop does, for the control group podrun"},
    Answer{"pause unpause", "", "a pod cannot be paused"},
    Answer{"commit export", "", "what a container writes to its root is not kept"},
    Answer{"generate kube.generate", "", "podrun writes no manifests; podman kube generate does"},
    Answer{"kustomize", "", "podrun reads the result: kubectl kustomize FOLDER | podrun run -"},
    Answer{"secret configmap", "", objects_of_pods},
    Answer{"quadlet auto-update enable disable reload systemd", "",
           "a pod is a service of systemd as podrun@NAME.service: podrun(1), EXAMPLES"},
    Answer{"images", "podrun image ls", ""},
    Answer{"rmi untag", "podrun image rm NAME", ""},
    Answer{"tag", "podrun image tag NAME", ""},
    Answer{"history", "podrun image history NAME", ""},
    Answer{"pull", "podrun image pull NAME", ""},
    Answer{"load import", "podrun image load FILE", ""},
    Answer{"login logout", "", "podrun takes the credentials that skopeo login stores: podrun-image(1)"},
    Answer{"push save search build buildx builder bake artifact publish encrypt decrypt trust sbom scout", "",
           "podrun runs images; skopeo copies them, and buildah or docker builds them: podrun-image(1)"},
    Answer{"cluster-info api-resources api-versions cordon uncordon drain taint certificate auth swarm service stack "
           "namespace plugin context cluster kuberc",
           "", no_cluster},
    Answer{"completion", "", "there are no completions for shells yet"},
    Answer{"kube compose pod container", "", "podrun's verbs have no word before them; podrun --help lists them"},
    Answer{"alpha apparmor ai bridge checkpoint restore desktop dev extension farm harmonia healthcheck init internal "
           "ipfs machine manifest mcp model mount umount unmount unshare offload pass sandbox viz watch",
           "", "there is nothing like it"},
};

/// What is answered to verbs of kubectl about kinds of objects that are no pods.
constexpr std::array answers_for_kinds{
    Answer{"svc service services ing ingress ingresses ep endpoints endpointslice endpointslices netpol networkpolicy "
           "networkpolicies",
           "", "podrun network shows the names of pods; a Service is a name of the pods that it selects: "
           "podrun-network(7)"},
    Answer{"cm configmap configmaps secret secrets", "", objects_of_pods},
    Answer{"ns namespace namespaces", "",
           "a namespace is a part of a pod's name: it is there while a pod has it, and -n NAMESPACE picks it"},
    Answer{"sa serviceaccount serviceaccounts role roles rolebinding rolebindings clusterrole clusterroles "
           "clusterrolebinding clusterrolebindings crd crds customresourcedefinition customresourcedefinitions hpa "
           "horizontalpodautoscaler pdb poddisruptionbudget quota resourcequota limits limitrange sc storageclass "
           "storageclasses pc priorityclass priorityclasses lease leases csr cs componentstatuses",
           "", no_cluster},
};
constexpr std::string_view verbs_of_kinds = "get describe delete create edit patch label annotate explain expose";

constexpr std::string_view groups = "pod container compose kube";
constexpr std::string_view kinds =
    "pod pods po deployment deployments deploy replicaset replicasets rs statefulset statefulsets sts daemonset "
    "daemonsets ds job jobs cronjob cronjobs cj all";
constexpr std::string_view file_options = "-f --file --filename";
constexpr std::string_view options_with_value =
    "-n --namespace -o --output -l --selector -c --container -t --time --timeout --since --tail --grace-period "
    "--replicas --format --filter --sort-by --image -p --patch --type --template -s --signal -k --kustomize";

/// What was typed after the verb.
struct Typed {
  std::string file;
  std::string namespace_name;
  std::string output;
  std::vector<std::string> names;
};

/// Takes an option's value: what follows "=", else the next word.
std::string take_value(const std::string& word, std::size_t& at, const std::vector<std::string>& words) {
  if (const std::size_t equals = word.find('='); equals != std::string::npos) return word.substr(equals + 1);
  return at + 1 < words.size() ? words[++at] : "";
}

Typed typed_in(const std::vector<std::string>& words) {
  Typed typed;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "--") break;
    const std::string option = word.substr(0, word.find('='));
    if (is_word_of(file_options, option))
      typed.file += (typed.file.empty() ? "" : " ") + take_value(word, at, words);
    else if (is_word_of("-n --namespace", option))
      typed.namespace_name = take_value(word, at, words);
    else if (is_word_of("-o --output", option))
      typed.output = take_value(word, at, words);
    else if (is_word_of(options_with_value, option))
      (void)take_value(word, at, words);
    else if (word.size() < 2 || !word.starts_with('-'))
      typed.names.push_back(word);
  }
  if (!typed.names.empty() && is_word_of(kinds, typed.names.front())) typed.names.erase(typed.names.begin());
  for (std::string& name : typed.names)
    if (const std::size_t slash = name.find('/'); is_word_of(kinds, name.substr(0, slash))) name.erase(0, slash + 1);
  const auto is_path = [](const std::string& name) { return name == "-" || name.find_first_of("./") != name.npos; };
  if (typed.file.empty() && !typed.names.empty() && is_path(typed.names.front())) typed.file = typed.names.front();
  return typed;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

/// The option of podrun ps that prints what -o of kubectl get prints.
std::string output_option(std::string_view command, const std::string& output) {
  if (!command.starts_with("podrun ps") || command.find("-o") != command.npos || output.empty()) return "";
  return output == "wide" ? " -o wide" : output == "name" ? " -q" : " -o json";
}

std::string filled_in(std::string_view command, const Typed& typed) {
  const std::string space = (typed.namespace_name.empty() ? "" : " -n " + typed.namespace_name) +
                            output_option(command, typed.output);
  std::string text = replaced(std::string(command), "FILE", typed.file.empty() ? "FILE" : typed.file);
  const bool takes_names = text.find("NAME") != std::string::npos;
  if (!takes_names || typed.names.empty() || typed.names.front() == typed.file) {
    text = replaced(std::move(text), " [NAME]", "");
    return (typed.file.empty() ? text : replaced(std::move(text), "NAME", typed.file)) + space;
  }
  std::vector<std::string> names = typed.names;
  if (!typed.namespace_name.empty())
    for (std::string& name : names) name = typed.namespace_name + "/" + name;
  return replaced(replaced(std::move(text), " [NAME]", " NAME"), "NAME", pod::joined(names, " ")) +
         output_option(command, typed.output);
}

const Answer* find_answer(std::string_view verb) {
  const auto* const found =
      std::ranges::find_if(answers, [&](const Answer& answer) { return is_word_of(answer.verbs, verb); });
  return found == answers.end() ? nullptr : found;
}

/// The answer to a verb with one of these options, else that to the verb.
const Answer* find_answer(const std::string& verb, const std::vector<std::string>& words) {
  for (const std::string& word : words)
    if (const std::string option = word.substr(0, word.find('=')); option.starts_with('-'))
      if (const Answer* answer = find_answer(fmt::format("{}.{}", verb, option))) return answer;
  return find_answer(verb);
}

/// The answer to a verb of kubectl about a kind of objects that are no pods, or nullptr.
const Answer* answer_for_kind(std::string_view verb, std::string_view kind) {
  if (!is_word_of(verbs_of_kinds, verb)) return nullptr;
  const auto* const found = std::ranges::find_if(answers_for_kinds, [&](const Answer& answer) {
    return is_word_of(answer.verbs, kind.substr(0, kind.find('/')));
  });
  return found == answers_for_kinds.end() ? nullptr : found;
}

std::string text_of(const Answer& answer, const std::vector<std::string>& typed) {
  if (answer.command.empty()) return fmt::format(": {}", answer.sentence);
  return fmt::format("; instead: {}{}{}", filled_in(answer.command, typed_in(typed)),
                     answer.sentence.empty() ? "" : "; ", answer.sentence);
}

/// The first word that is neither an option nor an option's value.
std::vector<std::string>::const_iterator first_name(const std::vector<std::string>& words) {
  auto word = words.begin();
  while (word != words.end() && word->starts_with('-')) {
    const bool has_value = is_word_of(options_with_value, *word) || is_word_of(file_options, *word);
    word += has_value && word + 1 != words.end() ? 2 : 1;
  }
  return word;
}

/// The words without podrun's own --root, which says nothing of pods, and which is put into ROOT.
std::vector<std::string> without_root(std::vector<std::string> words, std::string& root) {
  for (auto word = words.begin(); word != words.end();) {
    const bool alone = *word == "--root" && word + 1 != words.end();
    if (alone || word->starts_with("--root=")) root = alone ? *(word + 1) : word->substr(word->find('=') + 1);
    word = alone || word->starts_with("--root=") ? words.erase(word, word + (alone ? 2 : 1)) : word + 1;
  }
  return words;
}

/// The words without that one.
std::vector<std::string> without(const std::vector<std::string>& words, std::vector<std::string>::const_iterator one) {
  std::vector<std::string> others(words.begin(), one);
  others.insert(others.end(), one + 1, words.end());
  return others;
}

/// "podrun up -d FILE" for what is typed after a word such as compose, with what is missing.
std::string line_of(const VerbSpec& spec, const std::string& verb, const std::vector<std::string>& rest) {
  std::vector<std::string> line{"podrun", verb};
  std::ranges::copy(rest, std::back_inserter(line));
  const bool names_otherwise =
      std::ranges::any_of(rest, [](const auto& word) { return is_word_of("-f --file --all -a", word); });
  if (spec.fewest > 0 && !names_otherwise && operands_in(spec, rest).empty())
    line.emplace_back(spec.operands.substr(0, spec.operands.find_first_of(" |.[/")));
  return pod::joined(line, " ");
}

std::string answer_to(std::string_view verb, const std::vector<std::string>& rest) {
  const auto next = first_name(rest);
  if (next != rest.end()) {
    const std::vector<std::string> others = without(rest, next);
    if (const Answer* answer = answer_for_kind(verb, *next)) return text_of(*answer, others);
    if (const Answer* answer = find_answer(fmt::format("{}.{}", verb, *next), others)) return text_of(*answer, others);
    if (is_word_of(groups, verb) && find_answer(*next) != nullptr) return answer_to(*next, others);
  }
  if (is_word_of(groups, verb)) {
    const auto inner = std::ranges::find_if(rest, [](const std::string& word) { return find_verb(word) != nullptr; });
    if (inner != rest.end()) return "; instead: " + line_of(*find_verb(*inner), *inner, without(rest, inner));
  }
  const Answer* answer = find_answer(std::string(verb), rest);
  return answer == nullptr ? "" : text_of(*answer, rest);
}

}  // namespace

std::string answer_to_foreign_verb(std::string_view verb, const std::vector<std::string>& rest) {
  std::string root;
  std::string answer = answer_to(verb, without_root(rest, root));
  constexpr std::string_view begins = "; instead: podrun";
  if (!root.empty() && answer.starts_with(begins))
    answer.replace(begins.find("podrun"), std::string_view("podrun").size(), Layout(root).command());
  return answer;
}

}  // namespace podrun::supervisor
