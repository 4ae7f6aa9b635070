import type { modals } from "@mantine/modals";
import { expect, test, vi } from "vitest";
import { confirm } from "./confirm";
import { dialogsAreThere } from "./dialogs";

test("what is asked before the page shows dialogs is asked once it does", async () => {
  const openConfirmModal = vi.fn();
  const answer = confirm({ title: "Revoke it?", children: "It stops at once.", action: "Revoke" });
  expect(openConfirmModal).not.toHaveBeenCalled();

  dialogsAreThere({ openConfirmModal } as unknown as typeof modals);
  await vi.waitFor(() => expect(openConfirmModal).toHaveBeenCalledOnce());

  openConfirmModal.mock.calls[0]?.[0].onConfirm();
  expect(await answer).toBe(true);
});
