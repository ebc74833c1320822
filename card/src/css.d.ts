/** Style sheets are built into strings (`build.mjs`). */
declare module "*.css" {
  const text: string;
  export default text;
}
