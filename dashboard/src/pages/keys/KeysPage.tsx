import { Route, Routes } from "react-router";
import { NotFoundPage } from "@/app/NotFoundPage";
import { KeyListPage } from "./KeyListPage";
import { KeyPage } from "./KeyPage";

/** One's API keys: the list at `/keys`, a new one at `/keys/new`, each at `/keys/{id}`. */
export default function KeysPage() {
  return (
    <Routes>
      <Route index element={<KeyListPage />} />
      <Route path="new" element={<KeyListPage isCreating />} />
      <Route path=":id" element={<KeyPage />} />
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  );
}
