import DefaultTheme from 'vitepress/theme-without-fonts';
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name
import './style.css';

// oxlint-disable-next-line import/no-default-export -- VitePress reads it
export default DefaultTheme;
