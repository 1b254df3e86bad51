// `emit ecs`: task definitions and services for Fargate, as the JSON that the AWS command takes and as one
// CloudFormation template.
//
// A task has no place for files: the gateway's travel in the environment of a first container, which writes them into
// a volume and ends before the gateway starts. Secrets are parameters of Systems Manager, below /NAMESPACE/WORKLOAD/.
// Services find each other through Service Connect, under the names that they have everywhere.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "emit/claims.h"
#include "emit/containers.h"
#include "emit/patches.h"
#include "render/yaml_writer.h"

namespace apigw::emit {
namespace {

constexpr FieldClaim own_claims[] = {
    {"deploy.gateway.scale", Claim::written},
    {"deploy.kubernetes.namespace", Claim::written},
};
constexpr auto claims = joined(container_claims, files_lost, own_claims);

constexpr std::string_view user = "10001:10001";
constexpr std::size_t most_config = 48 << 10;  // bytes as base64: a task definition holds 64 KiB
constexpr unsigned longest_stop = 120;         // seconds, of Fargate

// What Fargate sells: CPU units, and MiB from, to and in steps of.
struct Size {
  unsigned cpu, least, most, step;
};
constexpr Size sizes[] = {{256, 512, 1024, 512},      {256, 2048, 2048, 1024},     {512, 1024, 4096, 1024},
                          {1024, 2048, 8192, 1024},   {2048, 4096, 16384, 1024},   {4096, 8192, 30720, 1024},
                          {8192, 16384, 61440, 4096}, {16384, 32768, 122880, 8192}};

struct Chosen {
  unsigned cpu = 0, memory = 0;
  bool enough = true;
};

Chosen size_of(const model::Container& container) {
  const std::uint64_t cpu = (std::uint64_t{container.cpu} * 1024 + 999) / 1000;
  const std::uint64_t memory = (container.memory + (1 << 20) - 1) >> 20;
  for (const Size& size : sizes) {
    if (size.cpu < cpu || size.most < memory) continue;
    const std::uint64_t over = memory <= size.least ? 0 : (memory - size.least + size.step - 1) / size.step;
    return {size.cpu, static_cast<unsigned>(size.least + over * size.step)};
  }
  return {sizes[std::size(sizes) - 1].cpu, sizes[std::size(sizes) - 1].most, false};
}

std::string base64(std::string_view bytes) {
  std::string out = text::base64url(bytes);
  std::ranges::replace(out, '-', '+');
  std::ranges::replace(out, '_', '/');
  return out.append((4 - out.size() % 4) % 4, '=');
}

Value pairs(std::string_view value_name, const std::map<std::string, std::string>& all) {
  Value out = list();
  for (const auto& [name, value] : all)
    out.items.push_back(object({{"name", name}, {std::string(value_name), value}}));
  return out;
}

// As CloudFormation names a resource: letters and digits.
std::string logical(std::string_view name) {
  std::string out;
  bool up = true;
  for (const char c : name) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (word) out += up && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    up = !word;
  }
  return out;
}

// The keys of a tree as CloudFormation spells them: taskRoleArn is TaskRoleArn there.
Value capitalised(const Value& value) {
  Value out = value;
  for (Value& item : out.items) item = capitalised(item);
  for (render::Member& member : out.members) {
    if (member.name == "options") {  // of a log driver: names of its own
      member.name = "Options";
      continue;
    }
    if (const char c = member.name.front(); c >= 'a' && c <= 'z') member.name.front() = static_cast<char>(c - 32);
    member.value = capitalised(member.value);
  }
  return out;
}

Value reference(std::string_view name) {
  return object({{"Ref", name}});
}
Value attribute(const std::string& name, std::string_view of) {
  return object({{"Fn::GetAtt", texts({name, std::string(of)})}});
}
Value sub(std::string_view words) {
  return object({{"Fn::Sub", words}});
}

class Writing {
 public:
  Writing(const model::Plan& plan, const Options& options, diag::Report& report)
      : plan_(plan), options_(options), report_(report), bundle_(bundle_of(plan, options, report)) {
    space_ = !options.name_space.empty() ? options.name_space : plan.deploy.name_space;
    if (space_.empty()) space_ = "apigw";
  }

  render::FileTree take() {
    const std::vector<const Workload*> workloads = chosen(bundle_, options_);
    Value tasks = object();
    for (const Workload* workload : workloads) put(tasks, workload->name, task(*workload));
    std::vector<NamedTree> trees;
    for (render::Member& one : tasks.members) trees.push_back({"ecs/" + one.name, &one.value});
    apply_patches(plan_, "ecs", true, trees, report_);
    if (report_.has_errors()) return {};
    render::FileTree tree;
    Value resources = object();
    for (const Workload* workload : workloads) {
      const Value& task = *find(tasks, workload->name);
      tree[workload->name + ".task.json"].content = render::write_pretty_json(task);
      tree[workload->name + ".service.json"].content = render::write_pretty_json(service(*workload));
      this->resources(*workload, task, resources);
    }
    tree["cloudformation.yaml"].content = render::write_yaml(stack(std::move(resources)));
    report(workloads, tasks);
    tree["README.md"].content = read_me(workloads);
    return tree;
  }

 private:
  [[nodiscard]] std::string parameter(const Workload& workload, std::string_view key) const {
    return fmt::format("/{}/{}/{}", space_, workload.name, key);
  }
  [[nodiscard]] std::string group(const Workload& workload) const {
    return fmt::format("/ecs/{}/{}", space_, workload.name);
  }

  [[nodiscard]] Value logs(const Workload& workload) const {
    return object({{"logDriver", "awslogs"},
                   {"options", object({{"awslogs-group", group(workload)},
                                       {"awslogs-region", "${AWS_REGION}"},
                                       {"awslogs-stream-prefix", workload.name}})}});
  }

  Value container(const Workload& workload) const {
    Value out = object({{"name", workload.name}, {"image", workload.container->image}, {"essential", boolean(true)}});
    if (!workload.arguments.empty()) put(out, "command", texts(workload.arguments));
    Value ports = list();
    for (const Port& port : workload.ports)
      ports.items.push_back(object({{"name", port.name},
                                    {"containerPort", number(port.number)},
                                    {"protocol", "tcp"},
                                    {"appProtocol", "http"}}));
    put(out, "portMappings", std::move(ports));
    if (!workload.variables.empty()) put(out, "environment", pairs("value", workload.variables));
    std::map<std::string, std::string> secrets;
    for (const SecretVariable& secret : workload.secret_variables)
      secrets[secret.variable] = parameter(workload, secret.key);
    if (!secrets.empty()) put(out, "secrets", pairs("valueFrom", secrets));
    put(out, "user", text(user));
    put(out, "readonlyRootFilesystem", boolean(true));
    put(out, "linuxParameters",
        object({{"initProcessEnabled", boolean(true)}, {"capabilities", object({{"drop", texts({"ALL"})}})}}));
    if (workload.gateway)
      put(out, "healthCheck",
          object({{"command", texts(gateway_health(workload))},
                  {"interval", number(10)},
                  {"timeout", number(5)},
                  {"retries", number(3)},
                  {"startPeriod", number(60)}}));
    put(out, "stopTimeout", number(std::min(workload.drain + 5, longest_stop)));
    put(out, "logConfiguration", logs(workload));
    if (!workload.files.empty()) {
      put(out, "mountPoints",
          list(
              {object({{"sourceVolume", "config"}, {"containerPath", config_folder}, {"readOnly", boolean(true)}})}));
      put(out, "dependsOn", list({object({{"containerName", "config"}, {"condition", "SUCCESS"}})}));
    }
    return out;
  }

  // Writes the files and ends. As root, for a fresh volume is root's; it may do nothing else.
  Value first(const Workload& workload) {
    std::map<std::string, std::string> variables;
    std::string script = "set -eu; umask 022";
    std::size_t bytes = 0, n = 0;
    for (const ConfigFile& file : workload.files) {
      const std::string name = fmt::format("FILE_{}", n++);
      variables[name] = base64(file.text);
      bytes += variables[name].size();
      const std::string path = fmt::format("{}/{}", config_folder, file.path);
      std::string shell = "'";
      for (const char c : path) shell += c == '\'' ? std::string("'\\''") : std::string(1, c);
      script += fmt::format("; mkdir -p \"$(dirname {0}')\"; printf %s \"${1}\" | base64 -d > {0}'", shell, name);
    }
    if (bytes > most_config)
      report_.add(704, {}, fmt::format("the config and its files have {} bytes as base64", bytes))
          .helps.push_back(
              "a task definition holds 64 KiB: take out what the gateway does not need, or put it into the image");
    return object({{"name", "config"},
                   {"image", workload.container->image},
                   {"essential", boolean(false)},
                   {"entryPoint", texts({"bash", "-c"})},
                   {"command", texts({script})},
                   {"environment", pairs("value", variables)},
                   {"user", "0"},
                   {"readonlyRootFilesystem", boolean(true)},
                   {"linuxParameters", object({{"capabilities", object({{"drop", texts({"ALL"})}})}})},
                   {"logConfiguration", logs(workload)},
                   {"mountPoints", list({object({{"sourceVolume", "config"}, {"containerPath", config_folder}})})}});
  }

  Value task(const Workload& workload) {
    const Chosen size = size_of(*workload.container);
    Value containers = list({container(workload)});
    if (!workload.files.empty()) containers.items.insert(containers.items.begin(), first(workload));
    Value out =
        object({{"family", fmt::format("{}-{}", space_, workload.name)},
                {"requiresCompatibilities", texts({"FARGATE"})},
                {"networkMode", "awsvpc"},
                {"cpu", std::to_string(size.cpu)},
                {"memory", std::to_string(size.memory)},
                {"runtimePlatform", object({{"cpuArchitecture", "X86_64"}, {"operatingSystemFamily", "LINUX"}})},
                {"executionRoleArn",
                 fmt::format("arn:aws:iam::${{AWS_ACCOUNT}}:role/{}-{}-execution", space_, workload.name)},
                {"taskRoleArn", fmt::format("arn:aws:iam::${{AWS_ACCOUNT}}:role/{}-{}-task", space_, workload.name)},
                {"containerDefinitions", std::move(containers)}});
    if (!workload.files.empty()) put(out, "volumes", list({object({{"name", "config"}})}));
    return out;
  }

  [[nodiscard]] Value connect(const Workload& workload, const Value& name_space) const {
    return object(
        {{"enabled", boolean(true)},
         {"namespace", name_space},
         {"services", list({object({{"portName", workload.ports.front().name},
                                    {"discoveryName", workload.name},
                                    {"clientAliases", list({object({{"port", number(workload.ports.front().number)},
                                                                    {"dnsName", workload.name}})})}})})}});
  }

  static Value deployment(const Workload& workload) {
    return object({{"deploymentCircuitBreaker", object({{"enable", boolean(true)}, {"rollback", boolean(true)}})},
                   {"maximumPercent", number(workload.alone ? 100 : 200)},
                   {"minimumHealthyPercent", number(workload.alone ? 0 : 100)}});
  }

  [[nodiscard]] Value service(const Workload& workload) const {
    return object({{"cluster", space_},
                   {"serviceName", workload.name},
                   {"taskDefinition", fmt::format("{}-{}", space_, workload.name)},
                   {"desiredCount", number(workload.scale.least)},
                   {"launchType", "FARGATE"},
                   {"deploymentConfiguration", deployment(workload)},
                   {"networkConfiguration",
                    object({{"awsvpcConfiguration", object({{"subnets", texts({"${SUBNET_A}", "${SUBNET_B}"})},
                                                            {"securityGroups", texts({"${SECURITY_GROUP}"})},
                                                            {"assignPublicIp", "DISABLED"}})}})},
                   {"serviceConnectConfiguration", connect(workload, text(space_))},
                   {"propagateTags", "SERVICE"}});
  }

  static Value role(const char* service, Value statements) {
    Value properties = object({{"AssumeRolePolicyDocument",
                                object({{"Version", "2012-10-17"},
                                        {"Statement", list({object({{"Effect", "Allow"},
                                                                    {"Principal", object({{"Service", service}})},
                                                                    {"Action", "sts:AssumeRole"}})})}})}});
    if (!statements.items.empty())
      put(properties, "Policies",
          list({object(
              {{"PolicyName", "least"},
               {"PolicyDocument", object({{"Version", "2012-10-17"}, {"Statement", std::move(statements)}})}})}));
    return object({{"Type", "AWS::IAM::Role"}, {"Properties", std::move(properties)}});
  }

  [[nodiscard]] Value execution_role(const Workload& workload, const std::string& name) const {
    const auto allow = [](const std::vector<std::string>& actions, Value resource) {
      return object({{"Effect", "Allow"}, {"Action", texts(actions)}, {"Resource", std::move(resource)}});
    };
    Value statements =
        list({allow({"ecr:GetAuthorizationToken"}, text("*")),
              allow({"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
                    sub("arn:${AWS::Partition}:ecr:*:${AWS::AccountId}:repository/*")),
              allow({"logs:CreateLogStream", "logs:PutLogEvents"}, attribute(name + "Logs", "Arn"))});
    Value parameters = list();
    for (const SecretVariable& secret : workload.secret_variables)
      parameters.items.push_back(sub("arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter" +
                                     parameter(workload, secret.key)));
    if (!parameters.items.empty()) statements.items.push_back(allow({"ssm:GetParameters"}, std::move(parameters)));
    return role("ecs-tasks.amazonaws.com", std::move(statements));
  }

  [[nodiscard]] Value security_group(const Workload& workload) const {
    Value ingress = list();
    const auto open = [&](std::uint16_t port, const Pair& from) {
      ingress.items.push_back(
          object({{"IpProtocol", "tcp"}, {"FromPort", number(port)}, {"ToPort", number(port)}, from}));
    };
    for (const Port& port : workload.ports) {
      if (workload.open) open(port.number, {"CidrIp", reference("Callers")});
      for (const std::string& caller : workload.callers)
        if (!workload.open)
          open(port.number, {"SourceSecurityGroupId", attribute(logical(caller) + "Group", "GroupId")});
    }
    return object({{"Type", "AWS::EC2::SecurityGroup"},
                   {"Properties", object({{"GroupDescription", fmt::format("{} of {}", workload.name, space_)},
                                          {"VpcId", reference("Vpc")},
                                          {"SecurityGroupIngress", std::move(ingress)}})}});
  }

  // What CloudFormation knows and a file cannot.
  void fill(Value& value, const std::string& name) const {
    for (Value& item : value.items) fill(item, name);
    for (render::Member& member : value.members) {
      if (member.name == "awslogs-region") member.value = reference("AWS::Region");
      if (member.name == "awslogs-group") member.value = reference(name + "Logs");
      if (member.name == "ExecutionRoleArn") member.value = attribute(name + "ExecutionRole", "Arn");
      if (member.name == "TaskRoleArn") member.value = attribute(name + "TaskRole", "Arn");
      if (member.name == "ValueFrom")
        member.value =
            sub("arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter" + member.value.text);
      fill(member.value, name);
    }
  }

  void resources(const Workload& workload, const Value& task, Value& out) const {
    const std::string name = logical(workload.name);
    put(out, name + "Logs",
        object({{"Type", "AWS::Logs::LogGroup"},
                {"DeletionPolicy", "Retain"},
                {"UpdateReplacePolicy", "Retain"},
                {"Properties", object({{"LogGroupName", group(workload)}, {"RetentionInDays", number(30)}})}}));
    put(out, name + "ExecutionRole", execution_role(workload, name));
    put(out, name + "TaskRole", role("ecs-tasks.amazonaws.com", list()));
    put(out, name + "Group", security_group(workload));
    Value definition = capitalised(task);
    fill(definition, name);
    put(out, name + "Task", object({{"Type", "AWS::ECS::TaskDefinition"}, {"Properties", std::move(definition)}}));
    Value after = list();
    for (const std::string& callee : workload.callees) {
      // The gateway waits for services; they do not wait for it.
      const bool there = callee != gateway_name &&
                         std::ranges::find(bundle_.workloads, callee, &Workload::name) != bundle_.workloads.end();
      const auto called = std::ranges::find(bundle_.workloads, callee, &Workload::name);
      if (there && !waits_for(*called, workload.name)) after.items.push_back(text(logical(callee) + "Service"));
    }
    Value properties = object(
        {{"Cluster", reference("Cluster")},
         {"ServiceName", workload.name},
         {"TaskDefinition", reference(name + "Task")},
         {"DesiredCount", number(workload.scale.least)},
         {"LaunchType", "FARGATE"},
         {"DeploymentConfiguration", capitalised(deployment(workload))},
         {"NetworkConfiguration",
          object({{"AwsvpcConfiguration", object({{"Subnets", reference("Subnets")},
                                                  {"SecurityGroups", list({attribute(name + "Group", "GroupId")})},
                                                  {"AssignPublicIp", "DISABLED"}})}})},
         {"ServiceConnectConfiguration", capitalised(connect(workload, Value{}))},
         {"PropagateTags", "SERVICE"}});
    put(*find(properties, "ServiceConnectConfiguration"), "Namespace", reference("Namespace"));
    Value made = object({{"Type", "AWS::ECS::Service"}});
    if (!after.items.empty()) put(made, "DependsOn", std::move(after));
    put(made, "Properties", std::move(properties));
    put(out, name + "Service", std::move(made));
    if (workload.scale.least != workload.scale.most) autoscaling(workload, name, out);
  }

  // Whether its services come up behind those of `name`, so that the two never wait for each other.
  [[nodiscard]] bool waits_for(const Workload& workload, const std::string& name) const {
    std::vector<std::string> open{workload.name}, seen;
    while (!open.empty()) {
      const std::string at = open.back();
      open.pop_back();
      if (at == name) return true;
      if (std::ranges::find(seen, at) != seen.end()) continue;
      seen.push_back(at);
      const auto found = std::ranges::find(bundle_.workloads, at, &Workload::name);
      if (found == bundle_.workloads.end() || at == gateway_name) continue;
      open.insert(open.end(), found->callees.begin(), found->callees.end());
    }
    return false;
  }

  void autoscaling(const Workload& workload, const std::string& name, Value& out) const {
    put(out, name + "Scale",
        object({{"Type", "AWS::ApplicationAutoScaling::ScalableTarget"},
                {"Properties",
                 object({{"ServiceNamespace", "ecs"},
                         {"ScalableDimension", "ecs:service:DesiredCount"},
                         {"ResourceId",
                          object({{"Fn::Sub", list({text("service/${Cluster}/${Name}"),
                                                    object({{"Name", attribute(name + "Service", "Name")}})})}})},
                         {"MinCapacity", number(workload.scale.least)},
                         {"MaxCapacity", number(workload.scale.most)}})}}));
    put(out, name + "ScalePolicy",
        object(
            {{"Type", "AWS::ApplicationAutoScaling::ScalingPolicy"},
             {"Properties", object({{"PolicyName", fmt::format("{}-{}-cpu", space_, workload.name)},
                                    {"PolicyType", "TargetTrackingScaling"},
                                    {"ScalingTargetId", reference(name + "Scale")},
                                    {"TargetTrackingScalingPolicyConfiguration",
                                     object({{"PredefinedMetricSpecification",
                                              object({{"PredefinedMetricType", "ECSServiceAverageCPUUtilization"}})},
                                             {"TargetValue", number(70)},
                                             {"ScaleInCooldown", number(300)},
                                             {"ScaleOutCooldown", number(60)}})}})}}));
  }

  static Value stack(Value resources) {
    const auto asked = [](std::string_view type, std::string_view what) {
      return object({{"Type", type}, {"Description", what}});
    };
    Value callers = asked("String", "CIDR of those who may call the gateway, as of its load balancer");
    put(callers, "Default", text("10.0.0.0/8"));
    return object(
        {{"AWSTemplateFormatVersion", "2010-09-09"},
         {"Description", "The gateway and its services, written by apigw emit ecs"},
         {"Parameters", object({{"Cluster", asked("String", "name of the ECS cluster")},
                                {"Namespace", asked("String", "namespace of Service Connect, name or ARN")},
                                {"Vpc", asked("AWS::EC2::VPC::Id", "where the tasks run")},
                                {"Subnets", asked("List<AWS::EC2::Subnet::Id>", "private ones, with a way out")},
                                {"Callers", std::move(callers)}})},
         {"Resources", std::move(resources)}});
  }

  // A task asks nobody unless it says what; the image's HEALTHCHECK is not read there, and a patch may have said it.
  void health(const Workload& workload, const Value& task) {
    const auto service = std::ranges::find(plan_.services, workload.called, &model::Service::name);
    if (workload.gateway || service == plan_.services.end() || service->health_path.empty()) return;
    const Value* containers = task.find("containerDefinitions");
    if (containers != nullptr && std::ranges::any_of(containers->items, [](const Value& container) {
          return container.find("healthCheck") != nullptr;
        }))
      return;
    lost(report_, workload.where, field_of(workload) + ".health",
         fmt::format("ECS does not read the HEALTHCHECK of an image; deploy.patches can say it again, to ecs/{}: "
                     "{{ op: add, path: /containerDefinitions/0/healthCheck, value: {{ command: [CMD, ...] }} }}",
                     workload.name));
  }

  void report(const std::vector<const Workload*>& workloads, const Value& tasks) {
    const model::Deploy& deploy = plan_.deploy;
    if (!deploy.host.empty())
      lost(report_, deploy.host_where, "deploy.gateway.host",
           "no load balancer is written, and it is what has a name");
    for (const Workload* workload : workloads) {
      const std::string field = field_of(*workload);
      const Chosen size = size_of(*workload->container);
      if (!size.enough)
        lost(report_, workload->where, field + ".cpu", "Fargate has no such size: the largest one is written");
      if (workload->drain + 5 > longest_stop)
        nearly(report_, workload->where, "timeouts.drain", "Fargate gives a task 120 s to stop");
      health(*workload, *tasks.find(workload->name));
      if (!workload->gateway) {
        for (const SecretVariable& secret : workload->secret_variables)
          nearly(report_, workload->where, fmt::format("{}.env.{}", field, secret.variable),
                 fmt::format("it looks like a secret, so its value is expected in the parameter {}",
                             parameter(*workload, secret.key)));
      }
      for (const SecretFile& file : workload->secret_files)
        lost(report_, workload->where, file.field,
             fmt::format("a task has no place for the secret file '{}': put it into the image or end TLS before it",
                         file.path));
    }
  }

  [[nodiscard]] std::string read_me(const std::vector<const Workload*>& workloads) const {
    std::string out = fmt::format(
        "# Written by apigw emit ecs\n\nChange the config and write it again; a file that was edited here is not "
        "overwritten.\n\n    aws cloudformation deploy --stack-name {0} --template-file cloudformation.yaml \\\n     "
        " "
        "--capabilities CAPABILITY_IAM --parameter-overrides Cluster=… Namespace=… Vpc=… Subnets=…\n\nOr, with roles "
        "and "
        "a network that are there, for each of its files:\n\n    envsubst '$AWS_ACCOUNT $AWS_REGION' < "
        "gateway.task.json >/tmp/task.json\n    aws ecs register-task-definition --cli-input-json "
        "file:///tmp/task.json\n    envsubst '$SUBNET_A $SUBNET_B $SECURITY_GROUP' < gateway.service.json "
        ">/tmp/service.json\n    aws ecs create-service --cli-input-json file:///tmp/service.json\n",
        space_);
    std::string secrets;
    for (const Workload* workload : workloads)
      for (const SecretVariable& secret : workload->secret_variables)
        secrets += fmt::format("    aws ssm put-parameter --type SecureString --name {} --value …\n",
                               parameter(*workload, secret.key));
    if (!secrets.empty()) out += "\n## Parameters that must be there\n\n" + secrets;
    return out + losses(report_);
  }

  const model::Plan& plan_;
  const Options& options_;
  diag::Report& report_;
  Bundle bundle_;
  std::string space_;
};

render::FileTree emit(const model::Plan& plan, const Options& options, diag::Report& report) {
  return Writing(plan, options, report).take();
}

}  // namespace

extern const Emitter ecs_emitter;
const Emitter ecs_emitter = {
    .summary = "tasks and services of Fargate, as JSON and as a CloudFormation template",
    .claims = claims,
    .whole = true,
    .emit = emit,
};

}  // namespace apigw::emit
