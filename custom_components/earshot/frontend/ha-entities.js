import{a,b,c,d}from"./shared-ha-entities.js";export{b as houseEntities,c as roomDevices,a as roomEntities,d as said};
