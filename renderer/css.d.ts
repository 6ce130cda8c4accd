/** Style sheets are imported for their effect; the build puts them beside the scripts. */
declare module '*.css' {}
