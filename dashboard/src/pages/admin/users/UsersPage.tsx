import { Route, Routes } from "react-router";
import { NotFoundPage } from "@/app/NotFoundPage";
import { UserList } from "./UserList";
import { UserPage } from "./UserPage";

export default function UsersPage() {
  return (
    <Routes>
      <Route index element={<UserList />} />
      <Route path=":id" element={<UserPage />} />
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  );
}
