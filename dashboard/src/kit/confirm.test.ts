import type { modals } from "@mantine/modals";
import { expect, test, vi } from "vitest";
import { confirm } from "./confirm";
import { dialogsAreThere } from "./dialogs";

const openConfirmModal = vi.fn();

test("what is asked before the page shows dialogs is asked once it does, and once", async () => {
  const question = { title: "Revoke it?", children: "It stops at once.", action: "Revoke" };
  const answer = confirm(question);
  const second = confirm(question); // a double click
  expect(openConfirmModal).not.toHaveBeenCalled();

  dialogsAreThere({ openConfirmModal } as unknown as typeof modals);
  await vi.waitFor(() => expect(openConfirmModal).toHaveBeenCalledOnce());
  expect(await second).toBe(false);

  openConfirmModal.mock.calls[0]?.[0].onConfirm();
  expect(await answer).toBe(true);
});

test("a question that was answered can be followed by another", async () => {
  const answer = confirm({ title: "Change it?", children: "At once.", action: "Change" });
  await vi.waitFor(() => expect(openConfirmModal).toHaveBeenCalledTimes(2));
  openConfirmModal.mock.calls[1]?.[0].onCancel();
  expect(await answer).toBe(false);
});
