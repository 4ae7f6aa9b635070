import { t } from "@lingui/core/macro";
import { TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { Project } from "@/data/groups";
import { useOrganisation } from "@/data/organisations";
import { DialogForm } from "@/kit/FormDialog";
import { notifyDone } from "@/kit/notify";
import { UsdInput } from "@/kit/UsdInput";
import { useSubmit } from "@/kit/useSubmit";
import { budgetOf, isUsdOrEmpty } from "./budget";

interface Props {
  /** To be changed; `null` makes one. */
  project: Project | null;
  onClose: () => void;
}

/** A project's name and budget. */
export function ProjectForm({ project, onClose }: Props) {
  const here = useOrganisation();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { name: project?.name ?? "", monthly_budget_usd: project?.monthly_budget_usd ?? "" },
    validate: {
      name: (name) => (name.trim() === "" ? t`Write what it is called.` : null),
      monthly_budget_usd: isUsdOrEmpty,
    },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    const org = here?.id ?? "";
    const body = { name: values.name.trim(), monthly_budget_usd: budgetOf(values.monthly_budget_usd) };
    if (project === null)
      await unwrap(api().POST("/api/orgs/{org}/projects", { params: { path: { org } }, body }));
    else {
      const path = { org, id: project.id };
      await unwrap(api().PATCH("/api/orgs/{org}/projects/{id}", { params: { path }, body }));
    }
    await queries.invalidateQueries({ queryKey: ["organisation"] });
    notifyDone(
      project === null ? t`${{ body: body.name }} is made.` : t`Saved. It holds for its keys within seconds.`,
    );
    onClose();
  });
  return (
    <DialogForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={project === null ? t`Create project` : t`Save changes`}
      onCancel={onClose}
    >
      <TextInput
        label={t`Name`}
        placeholder={t`Website`}
        maxLength={100}
        data-autofocus
        {...form.getInputProps("name")}
      />
      <UsdInput
        label={t`Monthly budget`}
        description={t`What all its keys together may spend in a calendar month.`}
        placeholder={t`No limit`}
        {...form.getInputProps("monthly_budget_usd")}
      />
    </DialogForm>
  );
}
